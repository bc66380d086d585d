async def call_crossed_endings():
    result = None
    function_exits = []
    request_exits = []
    try:
        try:

            def in_thread():
                file_generator = as_generator(open_file())
                function_exits.append(file_generator)
                file = start(file_generator)
                settings = Settings()
                database_generator = open_database(settings)
                request_exits.append(database_generator)
                database = start(database_generator)
                return file, database

            file, database = await run_in_thread(in_thread)
            session_generator = open_session(database)
            request_exits.append(session_generator)
            session = await start_async(session_generator)
            result = await crossed_endings(file, session)
        except BaseException as error:
            if not await unwind_async(function_exits, error, run_exit_in_thread):
                raise
        else:
            await unwind_async(function_exits, None, run_exit_in_thread)
    except BaseException as error:
        if not await unwind_async(request_exits, error, run_exit_in_thread):
            raise
    else:
        await unwind_async(request_exits, None, run_exit_in_thread)
    return result
