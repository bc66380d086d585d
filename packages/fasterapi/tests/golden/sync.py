async def call_sync(scope, receive, send, path_params):
    started = False
    is_answered = False
    errors = None
    try:
        query = parse_query_first(scope.get('query_string', b''))
        raw_number = query.get('number')
        if raw_number is None:
            number_2 = default_number
        else:
            try:
                number_2 = (int(raw_number) if raw_number.isdecimal() and raw_number.isascii() else parse_int(raw_number))
            except TEXT_ERRORS:
                errors = (errors or []) + explain_number(raw_number, ('query', 'number'))
                number_2 = INVALID
        result = INVALID
        connection_generator = get_connection()
        try:
            def in_thread():
                connection = start(connection_generator)
                if errors is not None:
                    raise request_errors(errors, None)
                return sync(connection, number_2)
            result = await run_in_thread(in_thread)
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
            is_answered = True
        except BaseException as error:
            if not await run_exit_in_thread(lambda: swallows(connection_generator, error)):
                raise
        else:
            await run_exit_in_thread(lambda: finish(connection_generator))
        if not is_answered:
            raise_swallowed('sync')
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
