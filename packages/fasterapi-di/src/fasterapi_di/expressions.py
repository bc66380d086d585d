"""Leaf values that an expression gives.

Knows: Python's syntax, as far as names in an expression are renamed. Does not know: where values live.
"""

import ast
from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any

from fasterapi_di.code import CodeBuilder, Source
from fasterapi_di.compile import compile_source
from fasterapi_di.errors import CodeError
from fasterapi_di.readers import Reader


class ExpressionReader(Reader):
    """Read a value by an expression over the surrounding locals and `namespace`.

    The expression is code: it comes from the author of a framework, never from a user. Names in `namespace`
    are renamed where they would clash.

    >>> reader = ExpressionReader("method", "scope['method'].lower()")
    >>> reader.read({"scope": {"method": "GET"}})
    'get'
    """

    def __init__(
        self,
        name: str,
        expression: str,
        namespace: Mapping[str, Any] = MappingProxyType({}),
        key: Hashable | None = None,
        *,
        can_fail: bool = False,
        uses_context: bool = False,
    ) -> None:
        self.name = name
        self.expression = expression
        self.namespace = dict(namespace)
        self.key = key
        self.can_fail = can_fail
        self.uses_context = uses_context
        try:
            self._tree = ast.parse(expression, mode="eval")
        except SyntaxError as error:
            raise CodeError(
                f"{expression!r} is not an expression", fix="pass one Python expression"
            ) from error
        self.is_async = any(isinstance(node, ast.Await) for node in ast.walk(self._tree))

    def emit(self, code: CodeBuilder, target: str) -> None:
        names = {name: code.global_(value, name) for name, value in self.namespace.items()}
        if all(name == new for name, new in names.items()):
            code.line(f"{target} = {self.expression}")
            return
        renamed = _Rename(names).visit(ast.parse(self.expression, mode="eval"))
        code.line(f"{target} = {ast.unparse(renamed)}")

    def read(self, context: Mapping[str, Any]) -> Any:
        code = CodeBuilder()
        with code.function("read", list(context), is_async=self.is_async):
            value = code.local("value")
            self.emit(code, value)
            code.line(f"return {value}")
        source: Source = code.source("read", f"<reader {self.name}>")
        return compile_source(source)(**context)


class _Rename(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
