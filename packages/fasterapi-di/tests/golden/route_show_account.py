async def call_route(scope, send):
    errors = "page" not in scope or "token" not in scope
    token = scope.get("token", INVALID)
    page = scope.get("page", INVALID)
    result = INVALID
    count()
    if not (errors) or (token is not INVALID and page is not INVALID):
        account_generator = open_account(token, page)
    else:
        account_generator = skipped()
    try:
        account = next(account_generator)
        settings = Settings()
        database_generator = open_database(settings)
        try:
            database = next(database_generator)
            session_generator = open_session(database)
            try:
                session = await session_generator.__anext__()
                if errors:
                    raise ValueError(errors)
                result = await show_account(page, account, session)
                await send(result)
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
    except BaseException as error:
        if not swallows(account_generator, error):
            raise
    else:
        for second_value in account_generator:
            refuse_second_yield(account_generator)
