def call_yields():
    result = None
    name = get_name()
    settings = Settings()
    database_generator = open_database(settings)
    try:
        database = next(database_generator)
        result = yield from yields(name, database)
    except BaseException as error:
        if not swallows(database_generator, error):
            raise
    else:
        for second_value in database_generator:
            refuse_second_yield(database_generator)
    return result
