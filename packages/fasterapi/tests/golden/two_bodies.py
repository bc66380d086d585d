async def call_two_bodies(scope, receive, send, path_params):
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
        document = json_document.decode(body) if body and is_json else MISSING
        item, problems_item = read_item(document)
        if problems_item:
            errors = (errors or []) + problems_item
            item = INVALID
        other, problems_other = read_other(document)
        if problems_other:
            errors = (errors or []) + problems_other
            other = INVALID
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, body)
        result = await two_bodies(item, other)
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
