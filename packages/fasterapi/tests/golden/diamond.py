async def call_diamond(scope, receive, send, path_params):
    started = False
    is_answered = False
    try:
        result = INVALID
        settings = await get_settings()
        session_generator = get_session(settings)
        try:
            session = await session_generator.__anext__()
            result = await diamond(session, settings)
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
            if not await swallows_async(session_generator, error):
                raise
        else:
            async for second_value in session_generator:
                await refuse_second_yield_async(session_generator)
        if not is_answered:
            raise_swallowed('diamond')
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
