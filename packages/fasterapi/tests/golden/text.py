async def call_text(scope, receive, send, path_params):
    started = False
    try:
        result = await text()
        if result.__class__ is not dict and isinstance(result, Response):
            scope['app'] = app
            send = TrackedSend(send)
            await send_returned(result, scope, receive, send, None)
        else:
            try:
                content = encode_result(result)
            except SerializationError as problem:
                raise response_errors(problem, result) from problem
            scope['app'] = app
            send = TrackedSend(send)
            await send_built(response_class(content), scope, receive, send, None, None)
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
