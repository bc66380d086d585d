"""A WebSocket route → the source of its generated function.

Knows: the order of things in a connection. Does not know: how a parameter is read, what the handler sends.
"""

from typing import TYPE_CHECKING, Any

from fasterapi._origins import origin_check
from fasterapi.compilation.locals import PARAMETERS, reserve_shared, write_shared
from fasterapi.compilation.runtime import WebSocketErrors
from fasterapi.websockets._connection import LIMITS_KEY
from fasterapi_concurrency import current_default_thread_limiter, run_teardown_in_threadpool
from fasterapi_di import CodeBuilder, Plan, Source, emit_steps

if TYPE_CHECKING:
    from fasterapi.compilation.handler import Handler, Reading
    from fasterapi.routing.options import Inherited

__all__ = ["write_websocket"]


def write_websocket(handler: "Handler", reading: "Reading", plan: Plan) -> Source:
    """Write the function `(scope, receive, send, path_params)` that serves connections of one route."""
    route, code = handler.route, CodeBuilder()
    needs = {need for reader in reading.readers for need in reader.needs}
    can_fail = any(reader.can_fail for reader in reading.readers)
    handle = handler.application.exception_handling(route)
    operations = handler.application.operations
    reserve_shared(code)
    name = handler.function_name

    def before_handler(code: CodeBuilder) -> None:
        if operations is not None:
            code.line("dependencies.leave()")
        if can_fail:
            refuse(code)

    def refuse(code: CodeBuilder) -> None:
        with code.block("if errors is not None:"):
            errors: Any = WebSocketErrors(handler.endpoint_context)
            if operations is not None:
                errors = operations.refusing(errors)
            make = code.global_(errors, "websocket_errors")
            code.line(f"raise {make}(errors)")

    with code.function(name, PARAMETERS, is_async=True):
        if can_fail:
            code.line("errors = None")
        if operations is not None:
            begin = code.global_(operations.begin_dependencies(route.endpoint), "begin_dependencies")
            code.line(f"dependencies = {begin}(scope, receive, send)")
        with code.block("try:"):
            _write_handshake(code, route.inherited)
            write_shared(code, needs, handler.application.app, route)
            emit_steps(
                plan,
                code,
                before_target=before_handler if can_fail or operations is not None else None,
                after_target=None,
                failed="errors is not None" if can_fail else "",
                run_in_thread=current_default_thread_limiter().run_to_completion,
                run_exit_in_thread=run_teardown_in_threadpool,
            )
        with code.block("except Exception as error:"):
            if operations is not None:
                code.line("dependencies.fail(error)")
            handler_name = code.global_(handle, "handle_exception")
            with code.block(f"if not await {handler_name}(error, scope, receive, send, path_params):"):
                code.line("raise")
        if operations is not None:
            with code.block("finally:"):
                code.line("dependencies.leave()")
    return code.source(name, handler.filename)


def _write_handshake(code: CodeBuilder, options: "Inherited") -> None:
    """Before anything is called: who may connect, and what the connection may be sent."""
    check = origin_check(options.allowed_origins)
    if check is not None:
        code.line(f"{code.global_(check, 'check_origin')}(scope)")
    limits = (options.max_message_size, options.idle_timeout)
    if limits != (None, None):
        code.line(f"scope[{LIMITS_KEY!r}] = {limits!r}")
