async def call_query(scope, receive, send, path_params):
    started = False
    errors = None
    try:
        query_lists = parse_query_multi(scope.get('query_string', b''))
        query = {name: values[-1] for name, values in query_lists.items()}
        q = query.get('q')
        raw_limit = query.get('limit')
        if raw_limit is None:
            limit = default_limit
        else:
            try:
                limit = (number if 1 <= (number := (int(raw_limit) if raw_limit.isdecimal() and raw_limit.isascii() else parse_int(raw_limit))) <= 100 else refuse(number))
            except TEXT_ERRORS:
                errors = (errors or []) + explain_limit(raw_limit, ('query', 'limit'))
                limit = INVALID
        raw_tags = query_lists.get('tags')
        if not raw_tags:
            tags = deepcopy(default_tags)
        else:
            try:
                tags = convert_tags(raw_tags)
            except TEXT_ERRORS:
                errors = (errors or []) + explain_tags(raw_tags, ('query', 'tags'))
                tags = INVALID
        if errors is not None:
            content = refusal(errors)
            if content is not None:
                started = True
                await send({"type": "http.response.start", "status": 422, "headers": [content_lengths[len(content)], (b"content-type", b"application/json")]})
                await send({"type": "http.response.body", "body": content})
                return
            raise request_errors(errors, None)
        result = await query_2(q, limit, tags)
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
