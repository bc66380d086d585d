"""How functions, classes and modules of the user are written into a pickle by value.

Knows: Python's object model, and `remote`, which rebuilds what is written here. Does not know: queues, workers,
who sends what. Modules of the standard library and of installed packages go by name; everything else by value,
because importing a user's module in a worker would import all that it imports, and run it a second time.
"""

from __future__ import annotations

import builtins
import copyreg
import dataclasses
import enum
import functools
import itertools
import marshal
import pickle
import sys
import types
import typing
import weakref
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from fasterapi_concurrency import remote
from fasterapi_concurrency.references import global_names

Reduced = Any  # what `__reduce_ex__` may return: a name, a tuple of two to six parts, or NotImplemented

SENT: Final = "__fasterapi_sent__"  # where `transfer` keeps a function's definition: on the function itself
_ALWAYS_THERE: Final = sys.stdlib_module_names | {"fasterapi_concurrency"}
_LIBRARY_FOLDERS: Final = frozenset({"site-packages", "dist-packages"})
_OWN_TO_EVERY_CLASS: Final = frozenset(
    {
        "__dict__", "__weakref__", "__module__", "__qualname__", "__slots__", "__orig_bases__", "_abc_impl",
        "__abstractmethods__", "__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__",
    }
)  # fmt: skip
_OWN_TO_EVERY_MODULE: Final = frozenset(
    {"__builtins__", "__name__", "__file__", "__package__", "__spec__", "__loader__"}
)
_SENTINELS: Final = {  # compared by identity, but pickle would copy them
    id(value): name
    for name, value in vars(dataclasses).items()
    if type(value).__module__ == "dataclasses" and not isinstance(value, type)
}
# Types of the interpreter that cannot be found under the name they give themselves, such as mappingproxy.
_HIDDEN: Final = {
    value: name
    for name, value in vars(types).items()
    if isinstance(value, type) and getattr(builtins, value.__qualname__, None) is not value
}
_counter = itertools.count(1)
_tokens: weakref.WeakKeyDictionary[type, int] = weakref.WeakKeyDictionary()
_originals: weakref.WeakValueDictionary[int, type] = weakref.WeakValueDictionary()
remote.originals = typing.cast("dict[int, type]", _originals)


class Captured(NamedTuple):
    """One value that a function brings along: whose code uses it, under what name, and where it was read."""

    code: types.CodeType
    name: str
    value: Any
    container: dict[str, Any] | types.CellType | None


@functools.lru_cache(maxsize=4096)
def goes_by_name(module: str) -> bool:
    """Whether workers import this module themselves: the standard library and installed packages.

    >>> goes_by_name("json.decoder"), goes_by_name("__main__")
    (True, False)
    """
    if module == "__main__":
        return False
    if module.partition(".")[0] in _ALWAYS_THERE:
        return True
    found = sys.modules.get(module)
    paths = [getattr(found, "__file__", None), *(getattr(found, "__path__", None) or ())]
    return any(_LIBRARY_FOLDERS.intersection(Path(path).parts) for path in paths if path)


def token_of(cls: type) -> int:
    """The number under which workers know this class."""
    token = _tokens.get(cls)
    if token is None:
        mine = next(_counter)
        _originals[mine] = cls
        token = _tokens.setdefault(cls, mine)  # of two threads that ask at once both get the same
    return token


class ModuleView:
    """Stands in a pickle for a user's module, with the attributes that one function uses."""

    def __init__(self, name: str, attributes: dict[str, Any]) -> None:
        self.name = name
        self.attributes = attributes

    def __reduce__(self) -> Reduced:
        return remote.make_module, (self.name,), self.attributes, None, None, remote.fill_module


class Namespace:
    """Stands in a pickle for the globals of one module; functions that share globals share one of these."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def __reduce__(self) -> Reduced:
        return remote.make_namespace, (
            self.namespace.get("__name__"),
            self.namespace.get("__file__"),
            self.namespace.get("__package__"),
        )


class DefinitionPickler(pickle.Pickler):
    """Pickles what `pickle` can, and the user's functions, classes and modules by value.

    `modules` collects the modules of installed packages that a worker will import, `tokens` the classes defined
    inside this pickle, `captured` the values that functions bring along. `knows(token)` tells whether a class
    may go by its token. Where `by_name` is true (processes), a class that only its own metaclass can make goes
    by name, and the worker imports the user's module.
    """

    def __init__(
        self,
        file: BytesIO,
        knows: Callable[[int], bool],
        *,
        by_name: bool,
        buffer_callback: Callable[[pickle.PickleBuffer], Any] | None = None,
    ) -> None:
        super().__init__(file, remote.PROTOCOL, buffer_callback=buffer_callback)
        self.modules: dict[str, None] = {}
        self.tokens: set[int] = set()
        self.captured: list[Captured] = []
        self._knows = knows
        self._by_name = by_name
        self._namespaces: dict[int, Namespace] = {}

    def reducer_override(self, obj: Any) -> Reduced:
        kind = type(obj)
        if kind in _REDUCERS:
            return _REDUCERS[kind](self, obj)
        if isinstance(obj, type):
            return self._class(obj)
        if id(obj) in _SENTINELS:
            return _SENTINELS[id(obj)]
        reduce = copyreg.dispatch_table.get(kind)
        reduced = reduce(obj) if reduce else obj.__reduce_ex__(remote.PROTOCOL)
        if isinstance(reduced, str) and not self._is_importable(obj, reduced):
            raise pickle.PicklingError(f"{obj!r} is known by its name only, in a module that is not imported")
        return reduced

    def _is_importable(self, obj: Any, path: str | None = None) -> bool:
        """Whether a worker finds `obj` by its name; the module is then remembered."""
        path = path or obj.__qualname__
        module = getattr(obj, "__module__", None) or "builtins"
        if not goes_by_name(module):
            return False
        found: Any = sys.modules.get(module)
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is obj or found == obj:
            self._remember(module)
            return True
        return False

    def _remember(self, module: str) -> None:
        if module.partition(".")[0] not in _ALWAYS_THERE:
            self.modules[module] = None

    def function(self, function: types.FunctionType) -> Reduced:
        if self._is_importable(function):
            return NotImplemented
        parts, state = self._parts_of(function)
        return remote.make_function, parts, state, None, None, remote.fill_function

    def cached_function(self, wrapper: Any) -> Reduced:
        """A function under `functools.lru_cache`: its cache starts empty in each worker."""
        if self._is_importable(wrapper):
            return NotImplemented
        options = wrapper.cache_parameters()
        parts, state = self._parts_of(wrapper.__wrapped__)
        make = (options["maxsize"], options["typed"], *parts)
        return remote.make_cached, make, state, None, None, remote.fill_cached

    def _parts_of(self, function: types.FunctionType) -> tuple[tuple[Any, ...], dict[str, Any]]:
        code = function.__code__
        space = function.__globals__
        used: dict[str, Any] = {}
        for name, chains in global_names(code).items():
            if name in space and name not in _OWN_TO_EVERY_MODULE:
                used[name] = self._capture(code, name, space, chains)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            if content := _content_of(cell):
                self.captured.append(Captured(code, name, content[0], cell))
        namespace = self._namespaces.setdefault(id(space), Namespace(space))
        state = {
            "globals": used,
            "attributes": {name: value for name, value in function.__dict__.copy().items() if name != SENT},
            "__defaults__": function.__defaults__,
            "__kwdefaults__": function.__kwdefaults__,
            "__qualname__": function.__qualname__,
            "__module__": function.__module__,
            "__doc__": function.__doc__,
        }
        return (marshal.dumps(code), namespace, function.__name__, function.__closure__ or ()), state

    def _capture(
        self, code: types.CodeType, name: str, space: dict[str, Any], chains: Iterable[tuple[str, ...]]
    ) -> Any:
        value = space[name]
        self.captured.append(Captured(code, name, value, space))
        if isinstance(value, types.ModuleType) and not goes_by_name(value.__name__):
            return self._view(code, value, chains)
        return value

    def _view(self, code: types.CodeType, module: types.ModuleType, chains: Iterable[tuple[str, ...]]) -> Any:
        below: dict[str, list[tuple[str, ...]]] = {}
        for chain in chains:
            if not chain:
                return module  # `module` below refuses it by name
            below.setdefault(chain[0], []).append(chain[1:])
        space = vars(module)
        taken = {
            name: self._capture(code, name, space, rest) for name, rest in below.items() if name in space
        }
        return ModuleView(module.__name__, taken)

    def module(self, module: types.ModuleType) -> Reduced:
        if not goes_by_name(module.__name__):
            raise pickle.PicklingError(
                f"the module {module.__name__!r} is used as a value; only its attributes can be sent"
            )
        self._remember(module.__name__)
        return remote.find_module, (module.__name__,)

    def _class(self, cls: type) -> Reduced:
        if cls in _HIDDEN:
            return getattr, (types, _HIDDEN[cls])
        if self._is_importable(cls):
            return NotImplemented
        if typing.is_typeddict(cls):
            return type, ({},)  # at run time a TypedDict is a dict
        if not _can_be_rebuilt(type(cls)):
            self._remember(type(cls).__module__)
            if not self._by_name or cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
                raise pickle.PicklingError(
                    f"the class {remote.name_of(cls)} can only be made by {remote.name_of(type(cls))}"
                )
            return NotImplemented
        token = token_of(cls)
        if self._knows(token):
            return remote.known_class, (token,)
        self.tokens.add(token)
        return _enum_parts(cls, token) if issubclass(cls, enum.Enum) else _class_parts(cls, token)


def _content_of(cell: types.CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:  # not assigned yet
        return ()


def _can_be_rebuilt(metaclass: type) -> bool:
    """Metaclasses of Python itself and of the user can make the class again; those of libraries need not."""
    module = metaclass.__module__
    return module.partition(".")[0] in sys.stdlib_module_names or not goes_by_name(module)


def _body_of(cls: type) -> dict[str, Any]:
    body = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    return body | {name: vars(cls)[name] for name in ("__slots__", "__orig_bases__") if name in vars(cls)}


def _class_parts(cls: type, token: int) -> Reduced:
    made_by_python = (types.MemberDescriptorType, types.GetSetDescriptorType)
    attributes = {
        name: value
        for name, value in vars(cls).copy().items()
        if name not in _OWN_TO_EVERY_CLASS and not isinstance(value, made_by_python)
    }
    parts = (token, type(cls), cls.__name__, cls.__bases__, _body_of(cls))
    return remote.make_class, parts, attributes, None, None, remote.fill_class


def _enum_parts(cls: type[enum.Enum], token: int) -> Reduced:
    if "__new_member__" in vars(cls):
        raise pickle.PicklingError(
            f"the enumeration {remote.name_of(cls)} makes its members in its own __new__"
        )
    body = _body_of(cls) | {name: member.value for name, member in cls.__members__.items()}
    methods = (types.FunctionType, property, classmethod, staticmethod)
    attributes = {
        name: value
        for name, value in vars(cls).copy().items()
        if isinstance(value, methods)
        and getattr(value, "__module__", None) != "enum"
        and name not in {"__new__", "_generate_next_value_"}
    }
    if "__init__" in attributes:
        body["__init__"] = attributes.pop("__init__")
    parts = (token, type(cls), cls.__name__, cls.__bases__, body)
    return remote.make_enum, parts, attributes, None, None, remote.fill_class


def _field_parts(_: DefinitionPickler, field: dataclasses.Field[Any]) -> Reduced:
    state = {name: getattr(field, name) for name in field.__slots__ if name not in {"type", "metadata"}}
    return remote.make_field, (), state | {"metadata": dict(field.metadata)}, None, None, remote.fill_field


_REDUCERS: Final[dict[type, Callable[[DefinitionPickler, Any], Reduced]]] = {
    types.FunctionType: DefinitionPickler.function,
    types.ModuleType: DefinitionPickler.module,
    functools._lru_cache_wrapper: DefinitionPickler.cached_function,
    types.CellType: lambda _, cell: (remote.make_cell, (), _content_of(cell), None, None, remote.fill_cell),
    types.MappingProxyType: lambda _, proxy: (types.MappingProxyType, (dict(proxy),)),
    property: lambda _, it: (property, (it.fget, it.fset, it.fdel, it.__doc__)),
    staticmethod: lambda _, it: (staticmethod, (it.__func__,)),
    classmethod: lambda _, it: (classmethod, (it.__func__,)),
    functools.cached_property: lambda _, it: (remote.make_cached_property, (it.func, it.attrname)),
    TypeVar: lambda _, it: (TypeVar, (it.__name__,)),
    dataclasses.Field: _field_parts,
}
