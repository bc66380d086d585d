async def call_limited():
    result = None
    async with name_limit.in_loop():
        name = await run_in_thread(get_name)
    settings = Settings()
    database_place = database_limit.hold_in_loop()
    try:
        await database_place.__anext__()
        database_generator = open_database(settings)
        try:
            database = await run_in_thread(lambda: start(database_generator))
            result = await limited(name, database)
        except BaseException as error:
            if not await run_exit_in_thread(lambda: swallows(database_generator, error)):
                raise
        else:
            await run_exit_in_thread(lambda: finish(database_generator))
    except BaseException as error:
        if not await swallows_async(database_place, error):
            raise
    else:
        async for second_value in database_place:
            await refuse_second_yield_async(database_place)
    return result
