def call_app_value(number):
    settings = app_settings.value
    if settings is MISSING:
        settings = app_settings.make()
    return app_value(number, settings)
