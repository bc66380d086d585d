async def call_route(scope, send):
    errors = "page" not in scope or "token" not in scope
    token = scope.get("token", INVALID)
    page = scope.get("page", INVALID)
    result = INVALID
    session_generator = unopened()
    try:

        def in_thread():
            nonlocal session_generator
            count()
            settings = Settings()
            session_generator = open_database(settings)
            session = start(session_generator)
            name = get_name()
            if token is not INVALID:
                checked = checked_2(token, name)
            else:
                checked = INVALID
            if errors:
                raise ValueError(errors)
            return show_plain(page, session, checked)

        result = await run_in_thread(in_thread)
        await send(result)
    except BaseException as error:
        if not await run_exit_in_thread(lambda: swallows(session_generator, error)):
            raise
    else:
        await run_exit_in_thread(lambda: finish(session_generator))
