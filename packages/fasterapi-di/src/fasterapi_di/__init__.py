"""Compile a callable and its dependencies into one straight-line function."""

from typing import TYPE_CHECKING

from fasterapi_di._lazy import lazy_names
from fasterapi_di._version import __version__
from fasterapi_di.building import build_graph
from fasterapi_di.callables import kind_of, location, name_of
from fasterapi_di.errors import (
    AsyncDependencyError,
    ClosedScopeError,
    CodeError,
    DependencyCycle,
    DependencyError,
    GeneratorProtocolError,
    InvalidMarkerError,
    ScopeError,
    SignatureError,
    UnresolvedNameError,
    UnsuppliedParameterError,
)
from fasterapi_di.graph import Argument, Graph, Node, Origin
from fasterapi_di.markers import INVALID, MISSING, Depends, inline
from fasterapi_di.plan_cache import PlanCache
from fasterapi_di.readers import CallableReader, Reader
from fasterapi_di.signature import Parameter, read_return, read_signature

if TYPE_CHECKING:
    from fasterapi_di.appscope import AppScope
    from fasterapi_di.code import CodeBuilder, Source
    from fasterapi_di.compile import compile_source
    from fasterapi_di.emit_function import emit
    from fasterapi_di.emit_plan import emit_steps
    from fasterapi_di.expressions import ExpressionReader
    from fasterapi_di.injection import inject
    from fasterapi_di.interpreter import interpret
    from fasterapi_di.plan import Plan, build_plan
    from fasterapi_di.threads import run_exit_in_thread, run_in_thread
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi_di.appscope": ("AppScope",),
            "fasterapi_di.code": ("CodeBuilder", "Source"),
            "fasterapi_di.compile": ("compile_source",),
            "fasterapi_di.emit_plan": ("emit_steps",),
            "fasterapi_di.emit_function": ("emit",),
            "fasterapi_di.expressions": ("ExpressionReader",),
            "fasterapi_di.injection": ("inject",),
            "fasterapi_di.interpreter": ("interpret",),
            "fasterapi_di.plan": ("Plan", "build_plan"),
            "fasterapi_di.threads": ("run_exit_in_thread", "run_in_thread"),
        },
    )

__all__ = [
    "INVALID",
    "MISSING",
    "AppScope",
    "Argument",
    "AsyncDependencyError",
    "CallableReader",
    "ClosedScopeError",
    "CodeBuilder",
    "CodeError",
    "DependencyCycle",
    "DependencyError",
    "Depends",
    "ExpressionReader",
    "GeneratorProtocolError",
    "Graph",
    "InvalidMarkerError",
    "Node",
    "Origin",
    "Parameter",
    "Plan",
    "PlanCache",
    "Reader",
    "ScopeError",
    "SignatureError",
    "Source",
    "UnresolvedNameError",
    "UnsuppliedParameterError",
    "__version__",
    "build_graph",
    "build_plan",
    "compile_source",
    "emit",
    "emit_steps",
    "inject",
    "inline",
    "interpret",
    "kind_of",
    "location",
    "name_of",
    "read_return",
    "read_signature",
    "run_exit_in_thread",
    "run_in_thread",
]
