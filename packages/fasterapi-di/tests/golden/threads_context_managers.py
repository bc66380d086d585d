async def call_context_managers():
    result = None
    file_generator = unopened()
    try:

        def in_thread():
            nonlocal file_generator
            file_generator = as_generator(open_file())
            file = start(file_generator)
            return file

        file = await run_in_thread(in_thread)
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
        if not await run_exit_in_thread(lambda: swallows(file_generator, error)):
            raise
    else:
        await run_exit_in_thread(lambda: finish(file_generator))
    return result
