def call_limited_without_loop():
    result = None
    with name_limit.in_thread():
        name = get_name()
    settings = Settings()
    database_place = database_limit.hold_in_thread()
    try:
        next(database_place)
        database_generator = open_database(settings)
        try:
            database = next(database_generator)
            result = limited_without_loop(name, database)
        except BaseException as error:
            if not swallows(database_generator, error):
                raise
        else:
            for second_value in database_generator:
                refuse_second_yield(database_generator)
    except BaseException as error:
        if not swallows(database_place, error):
            raise
    else:
        for second_value in database_place:
            refuse_second_yield(database_place)
    return result
