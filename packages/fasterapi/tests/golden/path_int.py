async def call_path_int(scope, receive, send, path_params):
    started = False
    errors = None
    try:
        raw_item_id = path_params['item_id']
        try:
            item_id = (int(raw_item_id) if raw_item_id.isdecimal() and raw_item_id.isascii() else parse_int(raw_item_id))
        except TEXT_ERRORS:
            errors = (errors or []) + explain_item_id(raw_item_id, ('path', 'item_id'))
            item_id = INVALID
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, None)
        result = await path_int(item_id)
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
