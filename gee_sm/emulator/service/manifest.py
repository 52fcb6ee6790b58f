"""Manifests of uploads: what both kinds have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["manifest_properties", "members", "milliseconds"]

_TIMES = {
    "startTime": "system:time_start",
    "start_time": "system:time_start",
    "endTime": "system:time_end",
    "end_time": "system:time_end",
}


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
