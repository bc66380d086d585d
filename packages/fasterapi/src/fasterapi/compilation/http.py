"""An HTTP route → the source of its generated function, from the first header to the last byte sent.

Knows: the order of things in a request. Does not know: how one parameter is read (`readers`, `bodies`), how
dependencies are called (`fasterapi_di`), what a result looks like as bytes (`results`).

The function reads, calls, sends, and leaves dependencies in one straight line; it returns early only after a plain 422.
Whatever is raised goes to `handle_exception`, which knows from `started` whether a response can still be sent.
"""

from typing import TYPE_CHECKING, Any

from fasterapi.compilation.forms import file_rules
from fasterapi.compilation.locals import (
    PARAMETERS,
    reserve_shared,
    write_json_body,
    write_note_of_route,
    write_shared,
)
from fasterapi.compilation.readers import InjectedReader
from fasterapi.compilation.results import ResultWriter, start_of_json, write_messages
from fasterapi.compilation.runtime import RequestErrors, raise_swallowed, read_form
from fasterapi_concurrency import current_default_thread_limiter, run_teardown_in_threadpool
from fasterapi_di import CodeBuilder, Plan, Source, emit_steps

if TYPE_CHECKING:
    from fasterapi.compilation.handler import Handler, Reading

__all__ = ["write_http"]


def write_http(handler: "Handler", reading: "Reading", plan: Plan) -> Source:
    """Write the function `(scope, receive, send, path_params)` that answers requests of one route."""
    return _HTTPFunction(handler, reading, plan).source()


class _HTTPFunction:
    def __init__(self, handler: "Handler", reading: "Reading", plan: Plan) -> None:
        self.handler = handler
        self.route = handler.route
        self.reading = reading
        self.plan = plan
        self.code = CodeBuilder()
        self.operations = handler.application.operations
        self.result = ResultWriter(
            handler.application.app, self.route, handler.endpoint_context, self.operations
        )
        self.needs = {need for reader in reading.readers for need in reader.needs}
        self.can_fail = any(reader.can_fail for reader in reading.readers)
        self.conditions = handler.conditional if handler.conditional and handler.conditional.etag else None
        # A dependency that is left after the response may swallow an exception that kept it from being sent.
        self.has_exits = any(node.is_generator for node in reading.graph.nodes)

    def source(self) -> Source:
        code = self.code
        reserve_shared(code)
        name = self.handler.function_name
        handle = self.handler.handle_exception
        with code.function(name, PARAMETERS, is_async=True):
            self._write_start()
            with code.block("try:"):
                self._write_reading()
                self._write_calls()
            with code.block("except Exception as error:"):
                if self.operations is not None:
                    code.line("dependencies.fail(error)")
                handler = code.global_(handle, "handle_exception")
                arguments = "error, scope, receive, send, path_params, started"
                with code.block(f"if not await {handler}({arguments}):"):
                    code.line("raise")
            if self.operations is not None or self.reading.body.kind == "form":
                with code.block("finally:"):
                    self._write_end()
        return code.source(name, self.handler.filename)

    def _write_start(self) -> None:
        if self.handler.application.notes_routes:
            write_note_of_route(self.code, self.route)
        if self.operations is not None:
            begin = self.code.global_(
                self.operations.begin_dependencies(self.route.endpoint), "begin_dependencies"
            )
            self.code.line(f"dependencies = {begin}(scope, receive, send)")
        self.code.line("started = False")
        if self.has_exits:
            self.code.line("is_answered = False")
        if self.can_fail:
            self.code.line("errors = None")
        if self.reading.body.kind == "form":
            self.code.line("form = None")

    def _write_end(self) -> None:
        if self.operations is not None:
            self.code.line("dependencies.leave()")
        if self.reading.body.kind == "form":
            with self.code.block("if form is not None:"):
                self.code.line("await form.close()")

    def _write_reading(self) -> None:
        code, body = self.code, self.reading.body
        limits = self.handler.application.limits_for(self.route)
        if limits is not None:
            code.line(f"scope['fasterapi.limits'] = {code.global_(limits, 'limits')}")
        self.result.write_choice(code)
        write_shared(code, self.needs, self.handler.application.app, self.route)
        if body.kind == "form":
            code.line(f"scope['app'] = {code.global_(self.handler.application.app, 'app')}")
            rules = file_rules(body.fields)
            more = f", {code.global_(rules, 'file_rules')}" if rules else ""
            code.line(f"form = await {code.global_(read_form, 'read_form')}(scope, receive, send{more})")
        elif body.kind == "json":
            write_json_body(
                code,
                body,
                limit=self.handler.application.body_limit_for(self.route),
                strict_content_type=self.route.strict_content_type,
                reader=self.reading.document,
                accepted=self._accepted_body(),
            )

    def _accepted_body(self) -> Any:
        if self.route.codecs is None:
            return None
        from fasterapi.compilation.negotiation import AcceptedBody, is_negotiated  # noqa: PLC0415 - rarely used

        if not is_negotiated(self.reading.body):
            return None
        return AcceptedBody(self.route.codecs, self.handler.endpoint_context)

    def _write_calls(self) -> None:
        emit_steps(
            self.plan,
            self.code,
            before_target=self._write_before_handler
            if self.can_fail or self.conditions is not None or self.operations is not None
            else None,
            after_target=self._write_response,
            failed="errors is not None" if self.can_fail else "",
            run_in_thread=current_default_thread_limiter().run_to_completion,
            run_exit_in_thread=run_teardown_in_threadpool,
        )
        if self.has_exits:
            with self.code.block("if not is_answered:"):
                self.code.line(
                    f"{self.code.global_(raise_swallowed, 'raise_swallowed')}({self.route.name!r})"
                )

    def _write_before_handler(self, code: CodeBuilder) -> None:
        """All parameters are read by now: if any does not fit, or a condition fails, nothing more is called."""
        if self.operations is not None:
            code.line("dependencies.leave()")
        if self.can_fail:
            self._write_refusal(code)
        if self.conditions is not None:
            check = code.global_(self.conditions.check, "check_conditions")
            code.line(f"{check}(scope, {self._injected.get('response')})")

    def _write_refusal(self, code: CodeBuilder) -> None:
        with code.block("if errors is not None:"):
            if self._refuses_plainly:
                self._write_plain_refusal(code)
            refuse: Any = RequestErrors(self.handler.endpoint_context)
            if self.operations is not None:
                refuse = self.operations.refusing(refuse)
            source = {"json": "body", "form": "form", "none": "None"}[self.reading.body.kind]
            code.line(f"raise {code.global_(refuse, 'request_errors')}(errors, {source})")

    @property
    def _refuses_plainly(self) -> bool:
        """Whether a 422 can be sent where the errors are found: nothing is to be left, and nobody looks on."""
        is_seen = self.has_exits or self.handler.raises or self.operations is not None
        return not is_seen and not self.plan.target_shares_hop

    def _write_plain_refusal(self, code: CodeBuilder) -> None:
        """Nobody would see the exception but the default handler, whose answer is known: so none is raised."""
        refusal = code.global_(self.handler.handle_exception.refusal, "refusal")
        code.line(f"content = {refusal}(errors)")
        with code.block("if content is not None:"):
            write_messages(code, start_of_json(code, 422))
            code.line("return")

    @property
    def _injected(self) -> dict[str, str]:
        """The locals of the request's objects that somebody asks for."""
        return {
            reader.bound.source: reader.target
            for reader in self.reading.readers
            if isinstance(reader, InjectedReader) and reader.target
        }

    def _write_response(self, code: CodeBuilder, result: str) -> None:
        injected = self._injected
        self.result.write(code, result, injected.get("response"), injected.get("background_tasks"))
        if self.has_exits:
            code.line("is_answered = True")
