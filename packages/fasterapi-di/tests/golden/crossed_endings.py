async def call_crossed_endings():
    result = None
    function_exits = []
    request_exits = []
    try:
        try:
            file_generator = as_generator(open_file())
            function_exits.append(file_generator)
            file = start(file_generator)
            settings = Settings()
            database_generator = open_database(settings)
            request_exits.append(database_generator)
            database = start(database_generator)
            session_generator = open_session(database)
            request_exits.append(session_generator)
            session = await start_async(session_generator)
            result = await crossed_endings(file, session)
        except BaseException as error:
            if not await unwind_async(function_exits, error):
                raise
        else:
            await unwind_async(function_exits, None)
    except BaseException as error:
        if not await unwind_async(request_exits, error):
            raise
    else:
        await unwind_async(request_exits, None)
    return result
