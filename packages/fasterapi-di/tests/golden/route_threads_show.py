async def call_route(scope, send):
    errors = "page" not in scope or "token" not in scope
    token = scope.get("token", INVALID)
    page = scope.get("page", INVALID)
    result = INVALID
    function_exits = []
    request_exits = []
    try:
        try:

            def in_thread():
                count()
                name = get_name()
                if token is not INVALID:
                    checked = checked_2(token, name)
                else:
                    checked = INVALID
                if not (errors) or (token is not INVALID and page is not INVALID):
                    account_generator = open_account(token, page)
                else:
                    account_generator = skipped()
                function_exits.append(account_generator)
                account = start(account_generator)
                settings = Settings()
                database_generator = open_database(settings)
                request_exits.append(database_generator)
                database = start(database_generator)
                return name, checked, account, database

            name, checked, account, database = await run_in_thread(in_thread)
            session_generator = open_session(database)
            request_exits.append(session_generator)
            session = await start_async(session_generator)
            if errors:
                raise ValueError(errors)
            result = await show(page, checked, account, session, name)
        except BaseException as error:
            if not await unwind_async(function_exits, error, run_exit_in_thread):
                raise
        else:
            await unwind_async(function_exits, None, run_exit_in_thread)
        await send(result)
    except BaseException as error:
        if not await unwind_async(request_exits, error, run_exit_in_thread):
            raise
    else:
        await unwind_async(request_exits, None, run_exit_in_thread)
