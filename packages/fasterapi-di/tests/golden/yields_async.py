async def call_yields_async():
    name = get_name()
    items = yields_async(name)
    try:
        item = await items.__anext__()
        while True:
            try:
                sent = yield item
            except GeneratorExit:
                await items.aclose()
                raise
            except BaseException as thrown:
                item = await items.athrow(thrown)
            else:
                item = await items.asend(sent)
    except StopAsyncIteration:
        pass
