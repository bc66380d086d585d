async def call_app_value_async():
    session = app_session.value
    if session is MISSING:
        session = await app_session.make_async(run_in_thread)
    return await app_value_async(session)
