"""Operations: what became of a task."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.paging import page
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.service.task import operation_json

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_OPERATION = "projects/*/operations/*"
_LONGEST_WAIT = 60.0


@endpoint("projects.operations.get", "GET", f"v1/{{name={_OPERATION}}}")
def get(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer one operation."""
    return json_response(operation_json(emulator.tasks.get(name)))


@endpoint(
    "projects.operations.list",
    "GET",
    "v1/{name=projects/*}/operations",
    query=("pageSize:integer", "pageToken", "filter"),
)
def list_operations(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer a page of a project's operations."""
    found, following = page(
        emulator.tasks.list(name),
        request.query.get("pageSize"),
        request.query.get("pageToken"),
        emulator.limits,
    )
    answer: dict[str, Any] = {"operations": [operation_json(t) for t in found]} if found else {}
    if following is not None:
        answer["nextPageToken"] = following
    return json_response(answer)


@endpoint("projects.operations.cancel", "POST", f"v1/{{name={_OPERATION}}}:cancel")
def cancel(emulator: Emulator, request: Request, name: str) -> Response:
    """Cancel a task."""
    emulator.tasks.cancel(name)
    return json_response({})


@endpoint("projects.operations.wait", "POST", f"v1/{{name={_OPERATION}}}:wait")
def wait(emulator: Emulator, request: Request, name: str) -> Response:
    """Wait until a task is done, or as long as was asked for, and answer the operation."""
    task = emulator.tasks.get(name)
    task.finished.wait(_seconds(request.json().get("timeout")))
    return json_response(operation_json(task))


def _seconds(timeout: Any) -> float:
    if timeout is None:
        return _LONGEST_WAIT
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)s", str(timeout))
    if found is None:
        raise EarthEngineError(f"Invalid timeout {timeout!r:.40}: expected seconds such as '10s'.")
    return min(float(found[1]), _LONGEST_WAIT)
