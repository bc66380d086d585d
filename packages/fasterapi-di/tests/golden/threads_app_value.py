async def call_app_value(number):
    settings = app_settings.value
    if settings is MISSING:
        settings = await run_in_thread(app_settings.make)
    result = await run_in_thread(lambda: app_value(number, settings))
    return result
