def call_kinds_of_callables():
    name = get_name()
    page = Page(name=name)
    hello = greet(name)
    called = Greeter()
    part = greet_2()
    return kinds_of_callables(page, hello, called, part)
