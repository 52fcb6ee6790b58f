"""Pages of long answers."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterable
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.limits import Limits

__all__ = ["PAGED_COMPUTATION", "page"]

PAGED_COMPUTATION = frozenset({"expression", "pageSize", "pageToken", "workloadTag"})
"""Members of the requests that compute features or images page by page."""


def page(
    elements: Iterable[Any], size: Any, token: Any, limits: Limits
) -> tuple[list[Any], str | None]:
    """Return one page of elements and the token of the next page, None behind the last.

    Parameters
    ----------
    elements : iterable
        All elements; those before and on the page are looked at, and one behind it.
    size : int or str or None
        Elements wanted; the default and the largest number are limits.
    token : str or None
        Token of the page, as the page before it answered.
    limits : Limits
        Limits in force.

    Raises
    ------
    EarthEngineError
        If the size is not a number, or the token was not given out by this service.
    """
    wanted = _size(size, limits)
    start = _offset(token)
    found = list(itertools.islice(iter(elements), start, start + wanted + 1))
    if len(found) <= wanted:
        return found, None
    return found[:wanted], _token(start + wanted)


def _size(size: Any, limits: Limits) -> int:
    if size in (None, "", 0, "0"):
        return limits.page_size
    try:
        wanted = int(size)
    except (TypeError, ValueError):
        wanted = -1
    if isinstance(size, bool) or wanted < 0:
        raise EarthEngineError(f"Invalid page size: {size!r:.40}.")
    return min(wanted, limits.page_size_maximum)


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode().rstrip("=")


def _offset(token: Any) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(f"{token}{'=' * (-len(str(token)) % 4)}").decode()
        prefix, _, number = text.partition(":")
        offset = int(number)
    except (ValueError, TypeError):
        prefix, offset = "", -1
    if prefix != "from" or offset < 0:
        raise EarthEngineError("Invalid page token.")
    return offset
