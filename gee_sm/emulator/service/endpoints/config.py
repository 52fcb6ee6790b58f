"""The configuration of a project: how many exports run at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_NAME = "v1/{name=projects/*/config}"


@endpoint("projects.getConfig", "GET", _NAME)
def get(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer the configuration."""
    return json_response(_config(emulator))


@endpoint("projects.updateConfig", "PATCH", _NAME, query=("updateMask",))
def update(emulator: Emulator, request: Request, name: str) -> Response:
    """Change the number of exports that run at a time."""
    value = request.json().get("maxConcurrentExports")
    try:
        wanted = int(value)
    except (TypeError, ValueError):
        wanted = 0
    if isinstance(value, bool) or not 1 <= wanted <= emulator.limits.pending_tasks:
        raise EarthEngineError(f"Invalid maxConcurrentExports {value!r:.40}.")
    emulator.tasks.set_concurrency(wanted)
    return json_response(_config(emulator))


def _config(emulator: Emulator) -> dict[str, Any]:
    return {"maxConcurrentExports": str(emulator.tasks.concurrency)}
