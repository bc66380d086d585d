"""Compile a callable and its dependencies into one straight-line function."""

from fasterapi_di._version import __version__
from fasterapi_di.appscope import AppScope
from fasterapi_di.callables import kind_of, location, name_of
from fasterapi_di.code import CodeBuilder, Source
from fasterapi_di.compile import compile_source
from fasterapi_di.emit import emit_steps
from fasterapi_di.emit_function import emit
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
from fasterapi_di.graph import Argument, Graph, Node, Origin, build_graph
from fasterapi_di.inject import inject
from fasterapi_di.interpret import interpret
from fasterapi_di.markers import INVALID, MISSING, Depends, inline
from fasterapi_di.plan import Plan, build_plan
from fasterapi_di.plan_cache import PlanCache
from fasterapi_di.readers import CallableReader, ExpressionReader, Reader
from fasterapi_di.signature import Parameter, read_return, read_signature
from fasterapi_di.threads import run_exit_in_thread, run_in_thread

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
