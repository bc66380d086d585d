async def call_async_value():
    name = await run_in_thread(get_name)
    user = await get_user(name)
    return await async_value(user)
