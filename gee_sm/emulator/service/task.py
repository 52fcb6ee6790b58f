"""One batch task, as the queue runs it, the journal keeps it and operations show it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.service.asset_json import rfc3339

__all__ = ["DONE", "Task", "TaskCancelledError", "Work", "operation_json"]

DONE = frozenset({"SUCCEEDED", "CANCELLED", "FAILED"})
_METADATA_TYPE = "type.googleapis.com/google.earthengine.v1.OperationMetadata"
_KEPT = (
    "name",
    "kind",
    "description",
    "priority",
    "created",
    "started",
    "updated",
    "ended",
    "state",
    "attempt",
    "destination_uris",
    "error",
    "request_id",
)


class TaskCancelledError(Exception):
    """Raised inside the work of a task that somebody cancelled."""


@dataclass(eq=False)
class Task:
    """One export or upload.

    Attributes
    ----------
    name : str
        Operation name, ``projects/P/operations/ID``.
    kind, description, priority
        What the operation's metadata say.
    work : callable
        ``work(task)`` does it and returns the URIs of what it made.
    call, document : str and dict
        The request that asked for it; empty for work that cannot be taken up again.
    request_id : str or None
        The request's own id.
    state : str
        PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED or FAILED.
    progress : float
        Done part of the work, 0 to 1.
    file_names : dict of str to str
        By suffix, the names of its files on Drive, which others may not take.
    keep : callable
        Writes the task down; for what must be known when it is begun anew.
    """

    name: str
    kind: str
    description: str
    priority: int
    work: Work
    call: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    created: float = field(default_factory=time.time)
    started: float | None = None
    updated: float = field(default_factory=time.time)
    ended: float | None = None
    state: str = "PENDING"
    attempt: int = 0
    progress: float = 0.0
    destination_uris: list[str] = field(default_factory=list)
    file_names: dict[str, str] = field(default_factory=dict)
    keep: Callable[[], None] = lambda: None
    error: dict[str, Any] | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    def advance(self, progress: float) -> None:
        """Record progress, and stop here if the task was cancelled.

        Raises
        ------
        TaskCancelledError
            If it was.
        """
        self.stop_if_cancelled()
        self.progress = min(max(progress, self.progress), 1.0)
        self.updated = time.time()

    def stop_if_cancelled(self) -> None:
        """Stop here if the task was cancelled.

        Raises
        ------
        TaskCancelledError
            If it was.
        """
        if self.cancelled.is_set():
            raise TaskCancelledError(self.name)

    def to_record(self) -> dict[str, Any]:
        """Return what is kept of the task; the request only as long as it is not done."""
        record = {name: getattr(self, name) for name in _KEPT}
        if self.state not in DONE:
            record.update(call=self.call, document=self.document, file_names=self.file_names)
        return record

    @classmethod
    def of_record(cls, record: dict[str, Any], work: Work) -> Task:
        """Return the task of a record.

        Raises
        ------
        KeyError
            If the record lacks something.
        """
        task = cls(
            work=work,
            call=record.get("call", ""),
            document=record.get("document", {}),
            file_names=dict(record.get("file_names", {})),
            **{name: record[name] for name in _KEPT},
        )
        if task.state in DONE:
            task.progress = float(task.state == "SUCCEEDED")
            task.finished.set()
        return task


Work = Callable[[Task], list[str]]


def operation_json(task: Task) -> dict[str, Any]:
    """Return a task as the service's long-running operation."""
    metadata: dict[str, Any] = {
        "@type": _METADATA_TYPE,
        "state": task.state,
        "description": task.description,
        "priority": task.priority,
        "createTime": rfc3339(task.created),
        "updateTime": rfc3339(task.updated),
        "startTime": rfc3339(task.started or 0.0),
        "type": task.kind,
    }
    if task.ended is not None:
        metadata["endTime"] = rfc3339(task.ended)
    if task.progress:
        metadata["progress"] = task.progress
    if task.attempt:
        metadata["attempt"] = task.attempt
    if task.destination_uris:
        metadata["destinationUris"] = task.destination_uris
    if task.started is not None and task.ended is not None:
        metadata["batchEecuUsageSeconds"] = round(task.ended - task.started, 3)
    found: dict[str, Any] = {"name": task.name, "metadata": metadata}
    if task.state in DONE:
        found["done"] = True
        if task.error is not None:
            found["error"] = task.error
        else:
            found["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
    return found
