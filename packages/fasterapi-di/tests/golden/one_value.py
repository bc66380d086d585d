def call_one_value():
    name = get_name()
    return one_value(name)
