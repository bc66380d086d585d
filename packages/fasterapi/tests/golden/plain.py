async def call_plain(scope, receive, send, path_params):
    started = False
    try:
        result = await plain()
        if result.__class__ is not dict and isinstance(result, Response):
            scope['app'] = app
            send = TrackedSend(send)
            await send_returned(result, scope, receive, send, None)
        else:
            try:
                content = encode_result(result)
            except SerializationError as problem:
                raise response_errors(problem, result) from problem
            started = True
            await send({"type": "http.response.start", "status": 200, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": content})
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
