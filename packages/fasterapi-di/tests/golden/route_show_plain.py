async def call_route(scope, send):
    errors = "page" not in scope or "token" not in scope
    token = scope.get("token", INVALID)
    page = scope.get("page", INVALID)
    result = INVALID
    count()
    settings = Settings()
    session_generator = open_database(settings)
    try:
        session = next(session_generator)
        name = get_name()
        if token is not INVALID:
            checked = checked_2(token, name)
        else:
            checked = INVALID
        if errors:
            raise ValueError(errors)
        result = show_plain(page, session, checked)
        await send(result)
    except BaseException as error:
        if not swallows(session_generator, error):
            raise
    else:
        for second_value in session_generator:
            refuse_second_yield(session_generator)
