async def call_header_and_cookie(scope, receive, send, path_params):
    started = False
    errors = None
    try:
        raw_headers = scope.get('headers', ())
        headers = dict(raw_headers)
        if len(headers) != len(raw_headers):
            headers = first_values(raw_headers)
        cookie = headers.get(b'cookie', b'').decode('latin-1')
        x_token = headers.get(b'x-token')
        if x_token is None:
            errors = (errors or []) + copies_of(missing_x_token)
            x_token = INVALID
        else:
            x_token = x_token.decode("latin-1")
        session = find_cookie(cookie, 'session')
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, None)
        result = await header_and_cookie(x_token, session)
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
