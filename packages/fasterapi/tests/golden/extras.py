async def call_extras(scope, receive, send, path_params):
    started = False
    try:
        response = ResponseDraft()
        tasks = BackgroundTasks()
        result = await extras(response, tasks)
        if result.__class__ is not dict and isinstance(result, Response):
            scope['app'] = app
            send = TrackedSend(send)
            await send_returned(result, scope, receive, send, tasks)
        else:
            try:
                content = encode_result(result)
            except SerializationError as problem:
                raise response_errors(problem, result) from problem
            status, headers, content = finish_draft(response, 200, content)
            started = True
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})
            if tasks.tasks:
                await tasks()
    except Exception as error:
        if not await handle_exception(error, scope, receive, send, path_params, started):
            raise
