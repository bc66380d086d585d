async def call_nested_generators():
    result = None
    settings = Settings()
    database_generator = open_database(settings)
    try:
        database = next(database_generator)
        session_generator = open_session(database)
        try:
            session = await session_generator.__anext__()
            cursor_generator = open_cursor(session)
            try:
                cursor = await cursor_generator.__anext__()
                result = await nested_generators(cursor, database)
            except BaseException as error:
                if not await swallows_async(cursor_generator, error):
                    raise
            else:
                async for second_value in cursor_generator:
                    await refuse_second_yield_async(cursor_generator)
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
