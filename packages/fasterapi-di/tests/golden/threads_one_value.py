async def call_one_value():
    def in_thread():
        name = get_name()
        return one_value(name)

    result = await run_in_thread(in_thread)
    return result
