"""Dictionary.*: values by name, always in the natural order of the names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import coerce, type_name
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array, array_of_lists, as_array
from gee_sm.emulator.values.element import is_element
from gee_sm.emulator.values.image import Image, constant_band
from gee_sm.emulator.values.regex import compile_re2

Named = dict[str, Any]

_MOST_DIMENSIONS = 32


def _ordered(items: Named) -> Named:
    return {key: items[key] for key in sorted(items)}


@implements("Dictionary")
def construct(input: Any) -> Named:
    """Return the dictionary of a dictionary, of alternating keys and values, or of properties."""
    if input is None:
        return {}
    if isinstance(input, dict):
        return input
    if isinstance(input, list):
        if len(input) % 2:
            raise EarthEngineError("A list of keys and values must have an even length.")
        return from_lists(input[::2], input[1::2])
    if is_element(input):
        return {k: v for k, v in input.properties.items() if not k.startswith("system:")}
    raise EarthEngineError(f"Cannot convert a {type_name(input)} to a dictionary.")


@implements("Dictionary.fromLists")
def from_lists(keys: list[str], values: list[Any]) -> Named:
    """Return the dictionary of parallel lists."""
    if len(keys) != len(values):
        raise EarthEngineError(
            f"Keys and values must have the same length, got {len(keys)} and {len(values)}."
        )
    for key in keys:
        if not isinstance(key, str):
            raise EarthEngineError(f"Keys must be strings, found a {type_name(key)}.")
    return dict(zip(keys, values, strict=True))


@implements("Dictionary.get")
def get(dictionary: Named, key: str, defaultValue: Any) -> Any:
    """Return a value, or the default where there is none."""
    if key in dictionary:
        return dictionary[key]
    if defaultValue is not None:
        return defaultValue
    raise EarthEngineError(f"Dictionary does not contain key: '{key}'.")


def _typed(kind: str) -> None:
    def function(dictionary: Named, key: str) -> Any:
        value = get(dictionary, key, None)
        return None if value is None else coerce(value, kind, f"Dictionary.get{kind}", key)

    function.__doc__ = f"Return a value that is a {kind}."
    implements(f"Dictionary.get{kind}")(function)


for _kind in ("Number", "String", "Array", "Geometry"):
    _typed(_kind)


@implements("Dictionary.contains")
def contains(dictionary: Named, key: str) -> bool:
    """Whether there is a value of that name."""
    return key in dictionary


@implements("Dictionary.size")
def size(dictionary: Named) -> int:
    """Return the number of entries."""
    return len(dictionary)


@implements("Dictionary.keys")
def keys(dictionary: Named) -> list[str]:
    """Return the names in order."""
    return sorted(dictionary)


@implements("Dictionary.values")
def values(dictionary: Named, keys: list[str] | None) -> list[Any]:
    """Return the listed values, or all in the order of their names."""
    return [get(dictionary, key, None) for key in (sorted(dictionary) if keys is None else keys)]


@implements("Dictionary.set")
def set_(dictionary: Named, key: str, value: Any) -> Named:
    """Return the dictionary with a value set."""
    if value is None:
        raise EarthEngineError("Parameter 'value' is required and may not be null.")
    return {**dictionary, key: value}


@implements("Dictionary.combine")
def combine(first: Named, second: Named, overwrite: bool) -> Named:
    """Return the entries of both, without nulls; the second wins unless told otherwise."""
    merged = {**first, **second} if overwrite else {**second, **first}
    if not overwrite:
        # A null of the first does not hide a value of the second.
        merged.update({k: v for k, v in second.items() if merged.get(k) is None})
    else:
        merged.update({k: v for k, v in first.items() if merged.get(k) is None})
    return _ordered({key: value for key, value in merged.items() if value is not None})


def _matching(dictionary: Named, selectors: list[str], ignore_missing: bool) -> list[str]:
    found: list[str] = []
    for selector in selectors:
        matching = [selector] if selector in dictionary else []
        if not matching:
            pattern = compile_re2(selector)
            matching = [key for key in sorted(dictionary) if pattern.fullmatch(key)]
        if not matching and not ignore_missing:
            raise EarthEngineError(
                f"Key pattern '{selector}' did not match any keys. "
                f"Available keys: [{', '.join(sorted(dictionary))}]"
            )
        found.extend(key for key in matching if key not in found)
    return found


@implements("Dictionary.select")
def select(dictionary: Named, selectors: list[str], ignoreMissing: bool) -> Named:
    """Return the entries that match names or regular expressions."""
    return {key: dictionary[key] for key in _matching(dictionary, selectors, ignoreMissing)}


@implements("Dictionary.remove")
def remove(dictionary: Named, selectors: list[str], ignoreMissing: bool) -> Named:
    """Return the entries that do not match names or regular expressions."""
    dropped = set(_matching(dictionary, selectors, ignoreMissing))
    return {key: value for key, value in dictionary.items() if key not in dropped}


@implements("Dictionary.rename")
def rename(dictionary: Named, from_: list[str], to: list[str], overwrite: bool) -> Named:
    """Return the dictionary with entries under other names."""
    if len(from_) != len(to):
        raise EarthEngineError(
            f"'from' and 'to' must have the same length, got {len(from_)} and {len(to)}."
        )
    moved = {new: get(dictionary, old, None) for old, new in zip(from_, to, strict=True)}
    rest = {key: value for key, value in dictionary.items() if key not in set(from_)}
    clash = sorted(set(moved) & set(rest))
    if clash and not overwrite:
        raise EarthEngineError(
            f"The new name '{clash[0]}' is already in use; set 'overwrite' to replace it."
        )
    return _ordered({**rest, **moved})


@implements("Dictionary.map")
def map_(dictionary: Named, baseAlgorithm: Callable[..., Any]) -> Named:
    """Return the results of a function of key and value; null results are dropped."""
    found = {key: baseAlgorithm(key, dictionary[key]) for key in sorted(dictionary)}
    return {key: value for key, value in found.items() if value is not None}


@implements("Dictionary.toArray")
def to_array(dictionary: Named, keys: list[str] | None, axis: int) -> Array:
    """Return the values as an array; arrays are put side by side along an axis."""
    if not 0 <= axis < _MOST_DIMENSIONS:
        raise EarthEngineError(f"Axis {axis} does not exist in an array.")
    items = values(dictionary, keys)
    if items and all(isinstance(item, list | Array) for item in items):
        arrays = [as_array(item).values for item in items]
        if axis >= arrays[0].ndim:
            return as_array(np.stack(arrays, axis=axis).tolist())
        return as_array(np.concatenate(arrays, axis=axis).tolist())
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int | float):
            raise EarthEngineError(f"Values must be numbers, found a {type_name(item)}.")
    found = array_of_lists(items)
    if axis > 0:
        return Array(found.values.reshape((1,) * axis + (-1,)), found.type)
    return found


@implements("Dictionary.toImage")
def to_image(dictionary: Named, names: list[str] | None) -> Image:
    """Return an image of constants, one band for each value."""
    order = sorted(dictionary) if names is None else names
    return Image(
        tuple(
            constant_band(
                coerce(get(dictionary, name, None), "Number", "Dictionary.toImage", name), name
            )
            for name in order
        )
    )
