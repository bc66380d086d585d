async def call_context_managers():
    result = None
    file_generator = as_generator(open_file())
    try:
        file = next(file_generator)
        socket_generator = as_async_generator(open_socket())
        try:
            socket = await socket_generator.__anext__()
            result = await context_managers(file, socket)
        except BaseException as error:
            if not await swallows_async(socket_generator, error):
                raise
        else:
            async for second_value in socket_generator:
                await refuse_second_yield_async(socket_generator)
    except BaseException as error:
        if not swallows(file_generator, error):
            raise
    else:
        for second_value in file_generator:
            refuse_second_yield(file_generator)
    return result
