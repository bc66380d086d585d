def call_caller_parameters(first, /, second=default_second, *, third, fourth=default_fourth):
    name = get_name()
    return caller_parameters(first, name, second, third=third, fourth=fourth)
