"""Calls that start tasks: from a request to the work that a task does.

What a call asks for is checked when it arrives, and again when the task is taken up after the
service was stopped: the same function does both, so a task needs no more than its request.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.destinations import AssetDestination, FileDestination
from gee_sm.emulator.service.message import Response, json_response
from gee_sm.emulator.service.routes import routes
from gee_sm.emulator.service.task import Task, Work, operation_json

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["batch_call", "description_of", "into_asset", "into_files", "submitted", "work_of"]

Prepare = Callable[["Emulator", dict[str, Any]], Work]


@dataclass(frozen=True)
class _BatchCall:
    kind: str
    prepare: Prepare


_CALLS: dict[str, _BatchCall] = {}

_DESCRIPTION = re.compile(r"[A-Za-z0-9.,:;_-]{0,100}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{0,60}")


def batch_call(call: str, kind: str) -> Callable[[Prepare], Prepare]:
    """Register the function that prepares the work of a call.

    Parameters
    ----------
    call : str
        Method of the discovery document, such as ``projects.image.export``.
    kind : str
        Type of its tasks, such as EXPORT_IMAGE.
    """

    def register(prepare: Prepare) -> Prepare:
        _CALLS[call] = _BatchCall(kind, prepare)
        return prepare

    return register


def work_of(emulator: Emulator, call: str, document: dict[str, Any]) -> Work:
    """Return the work that a request asks for.

    Raises
    ------
    EarthEngineError
        If it asks for something that cannot be done.
    """
    routes()  # the modules of the endpoints register the calls
    if call not in _CALLS:
        raise EarthEngineError(f"There are no tasks of '{call:.80}'.")
    return _CALLS[call].prepare(emulator, document)


def into_asset(emulator: Emulator, destination: AssetDestination, work: Work) -> Work:
    """Return work that is not done again when its asset is there already.

    A service may end after an asset was made and before that was written down; the task that is
    taken up then would find its own asset in the way.
    """

    def work_once(task: Task) -> list[str]:
        record = emulator.catalog.made.record(destination.asset_id)
        if record is not None and record.get("made_by") == task.name:
            return [destination.uri]
        return work(task)

    return work_once


def into_files(files: FileDestination, work: Work) -> Work:
    """Return work that holds the names of its files as long as it lasts."""

    def work_and_release(task: Task) -> list[str]:
        try:
            return work(task)
        finally:
            files.release()

    return work_and_release


def description_of(document: dict[str, Any]) -> str:
    """Return a request's description of its task.

    Raises
    ------
    EarthEngineError
        If it is not fit for one, in the service's words.
    """
    description = document.get("description") or "export"
    if not isinstance(description, str) or not _DESCRIPTION.fullmatch(description):
        raise EarthEngineError(
            'The description must contain only the following characters: a..z, A..Z, 0..9, ".", '
            '",", ":", ";", "_" or "-". The description must be at most 100 characters long.'
        )
    return description


def _request_id_of(document: dict[str, Any]) -> str | None:
    """Return the id by which a request is known when it is repeated, None if it has none."""
    request_id = document.get("requestId") or None
    if request_id is not None and not (
        isinstance(request_id, str) and _REQUEST_ID.fullmatch(request_id)
    ):
        raise EarthEngineError(
            f"Invalid requestId {request_id!r:.80}: it may contain the characters a..z, A..Z, 0-9, "
            "or '-', and may be at most 60 characters long."
        )
    return request_id


def submitted(
    emulator: Emulator,
    project: str,
    call: str,
    document: dict[str, Any],
    *,
    description: str | None = None,
) -> Response:
    """Queue what a request asks for and answer the operation.

    Raises
    ------
    EarthEngineError
        If it cannot be done, or the queue is full.
    """
    request_id = _request_id_of(document)
    if description is None:
        description = description_of(document)
    work = work_of(emulator, call, document)
    task = emulator.tasks.submit(
        project,
        _CALLS[call].kind,
        work,
        call=call,
        document=document,
        fault=lambda: emulator.faults.for_task(call),
        description=description,
        priority=document.get("priority"),
        request_id=request_id,
    )
    return json_response(operation_json(task))
