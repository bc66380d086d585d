async def call_form(scope, receive, send, path_params):
    started = False
    errors = None
    form = None
    try:
        scope['app'] = app
        scope['route'] = route
        scope['endpoint'] = endpoint
        scope['path_params'] = path_params
        scope['app'] = app
        form = await read_form(scope, receive, send)
        name_2, problems_name = read_name(form)
        if problems_name:
            errors = (errors or []) + problems_name
            name_2 = INVALID
        request = Request(scope, receive, send)
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, form)
        result = await endpoint(name_2, request)
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
    finally:
        if form is not None:
            await form.close()
