async def call_app_value_async():
    session = app_session.value
    if session is MISSING:
        session = await app_session.make_async()
    return await app_value_async(session)
