"""Evaluation of the serialized expression graph.

The client sends ``{"result": id, "values": {id: node}}``. A node is evaluated in a scope: a
function definition opens one, an argument reference looks outwards for the nearest one that binds
its name. A node's value is kept in the outermost scope on which it depends, so that what does not
depend on the element of a ``map`` is computed once for all elements.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.deep_recursion import deeply
from gee_sm.emulator.errors import EarthEngineError, UnsupportedFunctionError
from gee_sm.emulator.not_there import reason_for
from gee_sm.emulator.registry import Implementation, implementations
from gee_sm.emulator.signatures import signatures
from gee_sm.emulator.value_size import value_bytes

# A level takes up to six frames of Python, whose usual limit is 1,000.
_SHALLOW_LEVELS = 60
_MISSING = object()


@dataclass
class Scope:
    """The arguments of one call of a function, inside the scope where the function was written."""

    bindings: dict[str, Any] = field(default_factory=dict)
    parent: Scope | None = None
    memo: dict[str | int, Any] = field(default_factory=dict)

    def binding(self, name: str) -> Any:
        """Return the value of the nearest argument of that name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings:
                return scope.bindings[name]
            scope = scope.parent
        raise EarthEngineError(f"Argument reference '{name}' is not bound by any function.")

    def home(self, free: frozenset[str]) -> Scope:
        """Return the innermost scope that binds any of the names, or the outermost of all."""
        scope = self
        while scope.parent is not None and free.isdisjoint(scope.bindings):
            scope = scope.parent
        return scope


@dataclass
class Function:
    """A function value: a definition in the graph, or a function of the service by name."""

    argument_names: tuple[str, ...]
    call: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        """Call with positional arguments; those beyond the function's own are dropped."""
        return self.call(*arguments[: len(self.argument_names)])


class Evaluator:
    """Evaluates one expression.

    Parameters
    ----------
    expression : dict
        The serialized graph.
    context : object
        Handed to implementations that ask for it: the catalog and the limits in force.
    before_call : callable, optional
        Called before each function; what it raises ends the evaluation.

    Raises
    ------
    EarthEngineError
        If the graph is malformed, a function fails or yields too large a value, or one is not
        implemented.
    """

    def __init__(
        self,
        expression: dict[str, Any],
        context: Any,
        before_call: Callable[[], None] | None = None,
    ):
        if not isinstance(expression, dict):
            raise EarthEngineError("Invalid expression: expected an object with 'values'.")
        values = expression.get("values")
        result = expression.get("result")
        if not isinstance(values, dict) or result not in values:
            raise EarthEngineError("Invalid expression: 'result' does not name one of 'values'.")
        self.values = values
        self.result = result
        self.context = context
        self.before_call = before_call
        self.implementations = implementations()
        self._deep = levels(values, result) > _SHALLOW_LEVELS
        self._free: dict[str, frozenset[str]] = {}
        self._inline_free: dict[int, frozenset[str]] = {}
        self._calls: list[str] = []

    def evaluate(self) -> Any:
        """Return the value of the expression."""
        return self._evaluated(self.result, Scope())

    def _evaluated(self, key: str, scope: Scope) -> Any:
        """Return a value from outside of an evaluation: the result's, or that of a late call."""
        try:
            if self._deep:
                return deeply(lambda: self._reference(key, scope))
            return self._reference(key, scope)
        except RecursionError:
            raise EarthEngineError("The expression is nested too deeply.") from None

    # -- nodes ---------------------------------------------------------------------------------

    def _reference(self, key: str, scope: Scope) -> Any:
        if key not in self.values:
            raise EarthEngineError(f"Invalid expression: there is no value '{key}'.")
        home = scope.home(self._free_names(key))
        found = home.memo.get(key, _MISSING)
        if found is _MISSING:
            found = self._node(self.values[key], home)
            home.memo[key] = found
        return found

    def _node(self, node: Any, scope: Scope) -> Any:
        if not isinstance(node, dict) or len(node) != 1:
            raise EarthEngineError(
                f"Invalid expression: a value node has one key, got {node!r:.200}."
            )
        ((kind, content),) = node.items()
        if kind == "constantValue":
            return _constant(content)
        if kind == "integerValue":
            return int(content)
        if kind == "bytesValue":
            return str(content)
        if kind == "valueReference":
            return self._reference(content, scope)
        if kind == "argumentReference":
            return scope.binding(content)
        if kind == "arrayValue":
            return [self._node(item, scope) for item in content.get("values", ())]
        if kind == "dictionaryValue":
            return {k: self._node(item, scope) for k, item in content.get("values", {}).items()}
        if kind == "functionDefinitionValue":
            return self._definition(content, scope)
        if kind == "functionInvocationValue":
            # The client writes what is used once into the place of its use; a collection that is
            # filtered inside of a mapped function would be worked out anew for each element.
            home = scope if scope.parent is None else scope.home(self._free_inline(node))
            if home is scope:
                return self._invocation(content, scope)
            kept = home.memo.get(id(node), _MISSING)
            if kept is _MISSING:
                kept = home.memo[id(node)] = self._invocation(content, home)
            return kept
        raise EarthEngineError(f"Invalid expression: unknown kind of value '{kind}'.")

    def _definition(self, content: dict[str, Any], scope: Scope) -> Function:
        names = tuple(content.get("argumentNames", ()))
        body = content["body"]

        def call(*arguments: Any) -> Any:
            return self._evaluated(body, Scope(dict(zip(names, arguments, strict=False)), scope))

        return Function(names, call)

    def _invocation(self, content: dict[str, Any], scope: Scope) -> Any:
        arguments = content.get("arguments", {})
        if "functionReference" in content:
            function = self._reference(content["functionReference"], scope)
            if isinstance(function, str):
                return self._call(function, arguments, scope)
            if not isinstance(function, Function):
                raise EarthEngineError("Invalid expression: the function called is not a function.")
            return function.call(
                *(
                    self._node(arguments[name], scope) if name in arguments else None
                    for name in function.argument_names
                )
            )
        return self._call(content["functionName"], arguments, scope)

    def _call(self, name: str, arguments: dict[str, Any], scope: Scope) -> Any:
        implementation = self.implementations.get(name)
        if implementation is None:
            raise self._unsupported(name)
        self._calls.append(name)
        try:
            given: dict[str, Any] = {}
            for key, node in arguments.items():
                if implementation.lazy:
                    given[key] = lambda node=node: self._node(node, scope)
                else:
                    given[key] = self._node(node, scope)
            return self._apply(implementation, given)
        finally:
            self._calls.pop()

    def _apply(self, implementation: Implementation, given: dict[str, Any]) -> Any:
        if self.before_call is not None:
            self.before_call()
        found = apply(implementation, given, self.context, self.function_named)
        limits = getattr(self.context, "limits", None)
        if limits is not None and value_bytes(found) > limits.value_bytes:
            raise EarthEngineError(f"{implementation.signature.name}: Computed value is too large.")
        return found

    def function_named(self, name: str) -> Function:
        """Return a function of the service as a value, for arguments that name one."""
        implementation = self.implementations.get(name)
        if implementation is None:
            raise self._unsupported(name)
        names = tuple(argument.name for argument in implementation.signature.arguments)
        return Function(
            names,
            lambda *arguments: self._apply(
                implementation, dict(zip(names, arguments, strict=False))
            ),
        )

    def _unsupported(self, name: str) -> EarthEngineError:
        place = f", called by {' < '.join(reversed(self._calls[-3:]))}" if self._calls else ""
        group = name.split(".", maxsplit=1)[0]
        have = [n for n in self.implementations if n.split(".", maxsplit=1)[0] == group]
        near = difflib.get_close_matches(name, have, 5, 0.5) or sorted(have)[:5]
        known = "is not implemented by the emulator" if name in signatures() else "does not exist"
        reason = reason_for(name)
        if reason:
            return UnsupportedFunctionError(
                f"{name} {known}{place}. {reason} `gee-sm emulator coverage` lists all functions."
            )
        if not have:
            return UnsupportedFunctionError(
                f"{name} {known}{place}. The emulator has no function of {group}; "
                "`gee-sm emulator coverage` lists those it has."
            )
        return UnsupportedFunctionError(
            f"{name} {known}{place}. Of {group} it has {len(have)} functions, "
            f"such as [{', '.join(near)}]; `gee-sm emulator coverage` lists them all."
        )

    # -- which arguments a node depends on -----------------------------------------------------

    def _free_names(self, key: str) -> frozenset[str]:
        """Return the argument names that a value needs from outside of itself."""
        found = self._free.get(key)
        if found is None:
            self._free[key] = frozenset()  # an invalid cyclic graph must not loop for ever
            found = self._free[key] = frozenset(self._free_in(self.values.get(key)))
        return found

    def _free_inline(self, node: dict[str, Any]) -> frozenset[str]:
        """Return the same for a node that stands where it is used; nodes live as long as this."""
        found = self._inline_free.get(id(node))
        if found is None:
            found = self._inline_free[id(node)] = frozenset(self._free_in(node))
        return found

    def _free_in(self, node: Any) -> set[str]:
        if not isinstance(node, dict):
            return set()
        if "argumentReference" in node:
            return {node["argumentReference"]}
        if "valueReference" in node:
            return set(self._free_names(node["valueReference"]))
        if "functionDefinitionValue" in node:
            content = node["functionDefinitionValue"]
            return set(self._free_names(content["body"])) - set(content.get("argumentNames", ()))
        names: set[str] = set()
        if "arrayValue" in node:
            for item in node["arrayValue"].get("values", ()):
                names |= self._free_in(item)
        elif "dictionaryValue" in node:
            for item in node["dictionaryValue"].get("values", {}).values():
                names |= self._free_in(item)
        elif "functionInvocationValue" in node:
            content = node["functionInvocationValue"]
            for item in content.get("arguments", {}).values():
                names |= self._free_in(item)
            if "functionReference" in content:
                names |= self._free_names(content["functionReference"])
        return names


def levels(values: dict[str, Any], result: str) -> int:
    """Return how many nodes deep a graph is, by a walk that does not recurse.

    References that lead nowhere or in a circle end the walk; evaluation finds them.
    """
    depth: dict[str, int] = {}
    open_: set[str] = set()
    pending = [result]
    while pending:
        key = pending[-1]
        if key in depth:
            pending.pop()
            continue
        own, references = _inline(values.get(key))
        missing = [name for name, _ in references if name not in depth and name not in open_]
        if missing and key not in open_:
            open_.add(key)
            pending.extend(missing)
            continue
        depth[key] = max([own, *(at + depth.get(name, 0) for name, at in references)])
        pending.pop()
    return depth[result]


def _inline(node: Any) -> tuple[int, list[tuple[str, int]]]:
    """Return how deep a node is in itself, and where it refers to other values."""
    deepest, references = 0, []
    pending = [(node, 1)]
    while pending:
        item, at = pending.pop()
        deepest = max(deepest, at)
        if not isinstance(item, dict):
            continue
        for kind, content in item.items():
            if kind == "valueReference":
                references.append((content, at))
            elif kind == "functionDefinitionValue" and isinstance(content, dict):
                references.append((content.get("body"), at))
            elif kind != "constantValue" and isinstance(content, dict):
                if "functionReference" in content:
                    references.append((content["functionReference"], at))
                inner = content.get("values", content.get("arguments"))
                inner = list(inner.values()) if isinstance(inner, dict) else inner
                if isinstance(inner, list):
                    pending.extend((child, at + 1) for child in inner)
    return deepest, [(name, at) for name, at in references if isinstance(name, str)]


def _constant(value: Any) -> Any:
    """Return a constant of the graph; JSON cannot tell 1.0 from 1, and 1 is an integer."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**53:
        return int(value)
    if isinstance(value, list):
        return [_constant(item) for item in value]
    if isinstance(value, dict):
        return {key: _constant(item) for key, item in value.items()}
    return value


def apply(
    implementation: Implementation,
    given: dict[str, Any],
    context: Any,
    function_named: Callable[[str], Function] | None = None,
) -> Any:
    """Type and default the arguments of one call, and make it.

    Errors raised below get the function's name in front, as the service does.
    """
    signature = implementation.signature
    arguments: dict[str, Any] = {}
    for argument in signature.arguments:
        value = given.get(argument.name)
        parameter = f"{argument.name}_" if argument.name in _RESERVED else argument.name
        if implementation.lazy:
            arguments[parameter] = value if value is not None else (lambda: None)
            continue
        if value is None:
            missing = argument.name not in given or argument.type not in _NULLABLE
            if argument.required and missing:
                raise EarthEngineError(
                    f"{signature.name}: Parameter '{argument.name}' is required and may not "
                    "be null."
                )
            value = None if argument.required else argument.default
        if value is not None:
            if argument.type == "Algorithm" and isinstance(value, str) and function_named:
                value = function_named(value)
            value = coerce(value, argument.type, signature.name, argument.name)
        arguments[parameter] = value
    if implementation.wants_context:
        arguments["context"] = context
    try:
        return implementation.function(**arguments)
    except EarthEngineError as error:
        if not _PREFIXED(error.message):
            error.message = f"{signature.name}: {error.message}"
            error.args = (error.message,)
        raise


def _PREFIXED(message: str) -> bool:
    """Whether a message already starts with the name of a function."""
    head = message.split(":", maxsplit=1)[0]
    return (
        message.startswith("Error in map(")
        or head.split(",")[0] in signatures()
        or (" is not implemented by the emulator" in message)
    )


_NULLABLE = frozenset({"Object", "<any>"})
_RESERVED = frozenset({"from", "lambda", "class", "in", "if", "not", "and", "or", "is", "def"})
