async def call_stream(scope, receive, send, path_params):
    started = False
    try:
        result = stream()
        scope['app'] = app
        send = TrackedSend(send)
        await send_built(build_stream(result), scope, receive, send, None, None)
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
