async def call_kinds_of_callables():
    def in_thread():
        name = get_name()
        page = Page(name=name)
        hello = greet(name)
        called = Greeter()
        part = greet_2()
        return kinds_of_callables(page, hello, called, part)

    result = await run_in_thread(in_thread)
    return result
