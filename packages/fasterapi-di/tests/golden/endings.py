async def call_endings():
    result = None
    settings = Settings()
    database_generator = open_database(settings)
    try:
        database = next(database_generator)
        session_generator = open_session(database)
        try:
            session = await session_generator.__anext__()
            file_generator = as_generator(open_file())
            try:
                file = next(file_generator)
                result = await endings(session, file)
            except BaseException as error:
                if not swallows(file_generator, error):
                    raise
            else:
                for second_value in file_generator:
                    refuse_second_yield(file_generator)
        except BaseException as error:
            if not await swallows_async(session_generator, error):
                raise
        else:
            async for second_value in session_generator:
                await refuse_second_yield_async(session_generator)
    except BaseException as error:
        if not swallows(database_generator, error):
            raise
    else:
        for second_value in database_generator:
            refuse_second_yield(database_generator)
    return result
