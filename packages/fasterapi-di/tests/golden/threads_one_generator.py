async def call_one_generator():
    result = None
    settings = Settings()
    database_generator = open_database(settings)
    try:

        def in_thread():
            database = start(database_generator)
            return one_generator(database)

        result = await run_in_thread(in_thread)
    except BaseException as error:
        if not await run_exit_in_thread(lambda: swallows(database_generator, error)):
            raise
    else:
        await run_exit_in_thread(lambda: finish(database_generator))
    return result
