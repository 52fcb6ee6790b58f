"""Which function answers which call: the table behind both the handler and the discovery document.

A path is written as Google writes HTTP rules: ``v1/{project=projects/*}/value:compute``, where
``*`` stands for one segment and ``**`` for any number of them. The client learns the paths from
the discovery document, which is made from this table and so cannot disagree with it.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.service.message import Request, Response

__all__ = ["Route", "endpoint", "match", "methods_of", "routes"]

Answer = Callable[..., Response]

_VARIABLE = re.compile(r"\{(\w+)(?:=([^}]*))?\}")


@dataclass(frozen=True)
class Route:
    """One method of the service.

    Attributes
    ----------
    method_id : str
        Resource and method in the discovery document, such as ``projects.value.compute``.
    http_method, template : str
        How it is called.
    query : tuple of str
        Query parameters, with a type behind a colon when it is not a string.
    computes : bool
        Whether it counts against the limit of concurrent requests.
    by_url : bool
        Whether it is fetched by a URL that was given out, by browsers showing any page: its name
        cannot be guessed, and it only reads.
    answer : callable
        ``answer(emulator, request, **path variables) -> Response``.
    """

    method_id: str
    http_method: str
    template: str
    query: tuple[str, ...]
    computes: bool
    by_url: bool
    answer: Answer
    pattern: re.Pattern[str] = field(compare=False)

    @property
    def variables(self) -> list[tuple[str, str]]:
        """Path variables, each with its regular expression (empty for one of any form)."""
        return [
            (name, _segments(rule) if rule else "")
            for name, rule in _VARIABLE.findall(self.template)
        ]

    @property
    def discovery_path(self) -> str:
        """The template as a discovery document writes it."""
        return _VARIABLE.sub(lambda m: f"{{+{m[1]}}}" if m[2] else f"{{{m[1]}}}", self.template)


_ROUTES: list[Route] = []


def endpoint(
    method_id: str,
    http_method: str,
    template: str,
    *,
    query: Iterable[str] = (),
    computes: bool = False,
    by_url: bool = False,
) -> Callable[[Answer], Answer]:
    """Register the function that answers a method of the service."""

    def register(answer: Answer) -> Answer:
        pattern = re.compile("/" + _regular(template), re.DOTALL)
        _ROUTES.append(
            Route(method_id, http_method, template, tuple(query), computes, by_url, answer, pattern)
        )
        return answer

    return register


def _segments(rule: str) -> str:
    """Return the regular expression of a variable's rule."""
    escaped = re.escape(rule or "*")
    return escaped.replace(r"\*\*", ".*").replace(r"\*", "[^/:]+")


def _regular(template: str) -> str:
    """Return the regular expression of a template."""
    parts, position = [], 0
    for found in _VARIABLE.finditer(template):
        parts.append(re.escape(template[position : found.start()]))
        parts.append(f"(?P<{found[1]}>{_segments(found[2])})")
        position = found.end()
    parts.append(re.escape(template[position:]))
    return "".join(parts)


@functools.cache
def routes() -> tuple[Route, ...]:
    """Return all routes, those with a verb (``:export``) before those that end in a variable."""
    package = importlib.import_module("gee_sm.emulator.service.endpoints")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(sorted(_ROUTES, key=lambda route: route.template.endswith("}")))


def match(request: Request) -> tuple[Route, dict[str, Any]] | None:
    """Return the first route for a request, with its path variables."""
    for route in routes():
        if route.http_method == request.method:
            found = route.pattern.fullmatch(request.path)
            if found:
                return route, found.groupdict()
    return None


def methods_of(path: str) -> set[str]:
    """Return the HTTP methods under which a path is known."""
    return {route.http_method for route in routes() if route.pattern.fullmatch(path)}
