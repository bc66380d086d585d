async def call_body(scope, receive, send, path_params):
    started = False
    errors = None
    try:
        body = scope.get('fasterapi.body')
        if body is None:
            message = await receive()
            if message['type'] == 'http.request' and not message.get('more_body'):
                body = scope['fasterapi.body'] = message.get('body', b'')
            else:
                body = await read_rest(scope, receive, message)
        elif isinstance(body, StreamState):
            raise body_is_gone(body)
        if len(body) > 16777216:
            raise body_too_large(16777216)
        is_json = (b'content-type', b'application/json') in scope.get('headers', ()) or declares_json(scope, True)
        if is_json and body:
            try:
                item = decode_item(body)
            except DECODE_ERRORS:
                errors = (errors or []) + explain_item(body)
                item = INVALID
        elif not body:
            errors = (errors or []) + copies_of(missing_item)
            item = INVALID
        else:
            item, problems_item = read_item(body)
            if problems_item:
                errors = (errors or []) + problems_item
                item = INVALID
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, body)
        result = await body_2(item)
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
            await send({"type": "http.response.start", "status": 201, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": content})
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
