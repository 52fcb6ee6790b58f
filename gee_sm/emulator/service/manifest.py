"""Manifests of uploads: what both kinds have in common."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["check_members", "manifest_properties", "members", "milliseconds", "with_json_names"]

_TIMES = {"startTime": "system:time_start", "endTime": "system:time_end"}
_UNDERSCORE = re.compile("_([a-z])")


def with_json_names(document: Any) -> Any:
    """Return a manifest with members named as in JSON: ``x_column`` becomes ``xColumn``.

    The service takes both; the command line sends both.
    """
    if isinstance(document, list):
        return [with_json_names(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        _UNDERSCORE.sub(lambda found: found[1].upper(), str(name)): (
            value if name == "properties" else with_json_names(value)
        )
        for name, value in document.items()
    }


def check_members(document: dict[str, Any], known: Collection[str], what: str) -> None:
    """Refuse what would have no effect.

    Raises
    ------
    EarthEngineError
        If a member that is not empty is not one of the known.
    """
    unknown = [name for name, value in document.items() if value and name not in known]
    if unknown:
        raise EarthEngineError(
            f"Invalid request: '{unknown[0]:.80}' of {what} is unknown, or not implemented by the "
            f"emulator; expected {', '.join(sorted(known))}."
        )


def members(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects by name, empty when it is absent.

    Raises
    ------
    EarthEngineError
        If it is something else.
    """
    found = document.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise EarthEngineError(f"Invalid manifest: '{name}' is a list of objects.")
    return found


def manifest_properties(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest's properties, its times among them."""
    properties = manifest.get("properties") or {}
    if not isinstance(properties, dict):
        raise EarthEngineError("Invalid manifest: 'properties' is an object.")
    times = {name: milliseconds(manifest[k]) for k, name in _TIMES.items() if manifest.get(k)}
    return {**properties, **times}


def milliseconds(time: Any) -> int:
    """Return a time of the service (RFC 3339, or an object of seconds) in milliseconds.

    Raises
    ------
    EarthEngineError
        If it is neither.
    """
    try:
        if isinstance(time, dict):
            return round(float(time.get("seconds", 0)) * 1000 + time.get("nanos", 0) / 1e6)
        moment = datetime.fromisoformat(str(time).replace("Z", "+00:00"))
    except (TypeError, ValueError):
        raise EarthEngineError(f"Invalid time {time!r:.60}: expected RFC 3339.") from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
