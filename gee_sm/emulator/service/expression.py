"""The expression of a request: checked before it is evaluated, its failures turned into answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError

from gee_sm.emulator.coercion import NotConvertible
from gee_sm.emulator.deadline import check_deadline
from gee_sm.emulator.errors import CatalogError, EarthEngineError
from gee_sm.emulator.graph import Evaluator
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["check_graph", "collection_of", "evaluate", "guarded", "image_of"]

_log = logging.getLogger(__name__)

_BROKEN_BY_VALUES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotConvertible,
    TypeError,
    ValueError,
    ProjError,
    ShapelyError,
    re.error,
)
_KINDS = frozenset(
    {
        "argumentReference",
        "arrayValue",
        "bytesValue",
        "constantValue",
        "dictionaryValue",
        "functionDefinitionValue",
        "functionInvocationValue",
        "integerValue",
        "valueReference",
    }
)


def evaluate(emulator: Emulator, expression: Any) -> Any:
    """Return the value of a request's expression.

    Raises
    ------
    EarthEngineError
        If the graph is malformed or its evaluation fails.
    """
    if expression is None:
        raise EarthEngineError("Invalid request: 'expression' is required.")
    check_graph(expression)
    return guarded(Evaluator(expression, emulator, before_call=check_deadline).evaluate)


def guarded(compute: Callable[[], Any]) -> Any:
    """Run a computation that a request asked for; what its values break is the request's fault.

    A value of an unexpected type or range shows up in Python as one of a few exceptions. They are
    answered 400 like any other bad argument, because a client repeats a 500 again and again; the
    log keeps the traceback.

    Raises
    ------
    EarthEngineError
        In place of those exceptions.
    """
    try:
        return compute()
    except MemoryError:
        raise EarthEngineError("User memory limit exceeded.") from None
    except RecursionError:
        raise EarthEngineError("The expression is nested too deeply.") from None
    except CatalogError as error:
        raise EarthEngineError(str(error), status="FAILED_PRECONDITION") from error
    except _BROKEN_BY_VALUES as error:
        _log.exception("a computation failed on the values it was given")
        raise EarthEngineError(
            f"Invalid argument specified: {type(error).__name__}: {error}"
        ) from error


def image_of(emulator: Emulator, document: dict[str, Any]) -> Image:
    """Return the image that a request's expression makes, reduced to its ``bandIds``.

    Raises
    ------
    EarthEngineError
        If it is not an image, or lacks a band.
    """
    value = evaluate(emulator, document.get("expression"))
    if not isinstance(value, Image):
        raise EarthEngineError(f"Expected an image, got a value of type {_kind(value)}.")
    return select_bands(value, document.get("bandIds"))


def select_bands(image: Image, names: Any) -> Image:
    """Return the image with the named bands only; no names keep all."""
    if not names:
        return image
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise EarthEngineError("Invalid request: 'bandIds' is a list of band names.")
    return image.with_bands(image.band(name) for name in names)


def collection_of(emulator: Emulator, document: dict[str, Any], *, of_images: bool) -> Collection:
    """Return the collection that a request's expression makes.

    Raises
    ------
    EarthEngineError
        If it is not a collection.
    """
    value = evaluate(emulator, document.get("expression"))
    if not isinstance(value, Collection):
        wanted = "an image collection" if of_images else "a feature collection"
        raise EarthEngineError(f"Expected {wanted}, got a value of type {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    return getattr(value, "type_name", type(value).__name__)


def check_graph(expression: Any) -> None:
    """Check that an expression has the form of a serialized graph.

    Raises
    ------
    EarthEngineError
        If a node is malformed, refers to one that is not there, or refers to itself.
    """
    if not isinstance(expression, dict):
        raise EarthEngineError("Invalid expression: expected an object with 'values'.")
    values, result = expression.get("values"), expression.get("result")
    if not isinstance(values, dict) or not isinstance(result, str) or result not in values:
        raise EarthEngineError("Invalid expression: 'result' does not name one of 'values'.")
    edges = {key: list(_references(node, key)) for key, node in values.items()}
    for key, targets in edges.items():
        for target in targets:
            if target not in values:
                raise EarthEngineError(
                    f"Invalid expression: value '{key:.80}' refers to '{target:.80}', "
                    "which is not there."
                )
    _check_acyclic(edges)


def _check_acyclic(edges: dict[str, list[str]]) -> None:
    done: set[str] = set()
    open_: set[str] = set()
    for root in edges:
        stack = [(root, False)]
        while stack:
            key, leaving = stack.pop()
            if leaving:
                open_.discard(key)
                done.add(key)
            elif key in open_:
                raise EarthEngineError(f"Invalid expression: value '{key:.80}' contains itself.")
            elif key not in done:
                open_.add(key)
                stack.append((key, True))
                stack.extend((target, False) for target in edges[key] if target not in done)


def _references(root: Any, key: str) -> Iterator[str]:
    """Yield the values that a node refers to, checking its form on the way."""

    def bad(what: str) -> EarthEngineError:
        return EarthEngineError(f"Invalid expression: in value '{key:.80}', {what}.")

    def typed(value: Any, kind: type, what: str) -> Any:
        if not isinstance(value, kind):
            raise bad(f"{what} is {value!r:.80}, expected {kind.__name__}")
        return value

    stack = [root]
    while stack:
        node = stack.pop()
        if not isinstance(node, dict) or len(node) != 1:
            raise bad(f"a node has one key, got {node!r:.80}")
        ((kind, content),) = node.items()
        if kind not in _KINDS:
            raise bad(f"'{kind:.80}' is an unknown kind of node")
        if kind == "valueReference":
            yield typed(content, str, kind)
        elif kind in ("argumentReference", "bytesValue"):
            typed(content, str, kind)
        elif kind == "integerValue":
            if isinstance(content, bool) or not isinstance(content, str | int):
                raise bad(f"{kind} is {content!r:.80}")
            try:
                int(content)
            except ValueError:
                raise bad(f"{kind} is {content!r:.80}") from None
        elif kind == "arrayValue":
            stack.extend(typed(typed(content, dict, kind).get("values", []), list, "values"))
        elif kind == "dictionaryValue":
            stack.extend(
                typed(typed(content, dict, kind).get("values", {}), dict, "values").values()
            )
        elif kind == "functionDefinitionValue":
            names = typed(
                typed(content, dict, kind).get("argumentNames", []), list, "argumentNames"
            )
            for name in names:
                typed(name, str, "an argument's name")
            yield typed(content.get("body"), str, "body")
        elif kind == "functionInvocationValue":
            typed(content, dict, kind)
            if "functionReference" in content:
                yield typed(content["functionReference"], str, "functionReference")
            else:
                typed(content.get("functionName"), str, "functionName")
            stack.extend(typed(content.get("arguments", {}), dict, "arguments").values())
