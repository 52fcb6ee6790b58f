"""Which functions of Earth Engine the emulator has, under their official names.

An implementation is a plain Python function whose parameter names are those of the official
signature (a trailing underscore where Python reserves the word). Arguments arrive typed and
defaulted; see :mod:`gee_sm.emulator.coercion`.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.signatures import Signature, signatures


@dataclass(frozen=True)
class Implementation:
    """An Earth Engine function and the Python function that computes it."""

    signature: Signature
    function: Callable[..., Any]
    lazy: bool = False
    wants_context: bool = False


_IMPLEMENTATIONS: dict[str, Implementation] = {}


def implements(*names: str, lazy: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Register a Python function under one or more official names.

    Parameters
    ----------
    *names : str
        Official names, such as ``"Image.add"``; several when they are aliases.
    lazy : bool
        Arguments are handed over as zero-argument callables, for functions that must not
        evaluate all of them (``If``).

    Raises
    ------
    KeyError
        If a name is not in the official list, or is registered twice.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            if name in _IMPLEMENTATIONS:
                raise KeyError(f"{name} is implemented twice")
            if name not in signatures():
                raise KeyError(f"{name} is not a function of Earth Engine")
            wants_context = "context" in inspect.signature(function).parameters
            _IMPLEMENTATIONS[name] = Implementation(
                signatures()[name], function, lazy=lazy, wants_context=wants_context
            )
        return function

    return register


@functools.cache
def implementations() -> dict[str, Implementation]:
    """Return all implementations by official name, importing the modules that hold them."""
    package = importlib.import_module("gee_sm.emulator.functions")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return _IMPLEMENTATIONS


def coverage() -> list[tuple[str, int, int, list[str]]]:
    """Return (class, implemented, official, missing names) for each class of functions."""
    have = implementations()
    table: dict[str, tuple[list[str], list[str]]] = {}
    for name in signatures():
        present, missing = table.setdefault(name.split(".", maxsplit=1)[0], ([], []))
        (present if name in have else missing).append(name)
    return [
        (group, len(present), len(present) + len(missing), missing)
        for group, (present, missing) in sorted(table.items())
    ]
