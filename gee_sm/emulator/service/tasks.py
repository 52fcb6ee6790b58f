"""Batch tasks: a queue by priority, worked off in the background, watched through operations."""

from __future__ import annotations

import heapq
import logging
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.faults import Fault
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.asset_json import rfc3339
from gee_sm.emulator.service.expression import guarded

__all__ = ["Task", "TaskCancelledError", "TaskQueue", "operation_json"]

_log = logging.getLogger(__name__)

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_METADATA_TYPE = "type.googleapis.com/google.earthengine.v1.OperationMetadata"
_DONE = frozenset({"SUCCEEDED", "CANCELLED", "FAILED"})
_CODES = {"INVALID_ARGUMENT": 3, "NOT_FOUND": 5, "ALREADY_EXISTS": 6, "RESOURCE_EXHAUSTED": 8}
_DEFAULT_PRIORITY = 100
_HIGHEST_PRIORITY = 9_999


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
    state : str
        PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED or FAILED.
    progress : float
        Done part of the work, 0 to 1.
    """

    name: str
    kind: str
    description: str
    priority: int
    work: Callable[[Task], list[str]]
    created: float = field(default_factory=time.time)
    started: float | None = None
    updated: float = field(default_factory=time.time)
    ended: float | None = None
    state: str = "PENDING"
    attempt: int = 0
    progress: float = 0.0
    destination_uris: list[str] = field(default_factory=list)
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
        if self.cancelled.is_set():
            raise TaskCancelledError(self.name)
        self.progress = min(max(progress, self.progress), 1.0)
        self.updated = time.time()


class TaskQueue:
    """Runs tasks in threads of its own, a few at a time.

    Parameters
    ----------
    limits : Limits
        How many run at a time, and how many may wait.
    """

    def __init__(self, limits: Limits):
        self.limits = limits
        self.concurrency = limits.concurrent_tasks
        self._tasks: dict[str, Task] = {}
        self._requests: dict[tuple[str, str], Task] = {}
        self._waiting: list[tuple[int, int, Task]] = []
        self._condition = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._running = 0
        self._count = 0
        self._closed = False

    def submit(
        self,
        project: str,
        kind: str,
        work: Callable[[Task], list[str]],
        *,
        description: str = "",
        priority: Any = None,
        request_id: str | None = None,
        fault: Callable[[], Fault | None] = lambda: None,
    ) -> Task:
        """Queue work, or return the task that the same request id queued before.

        Parameters
        ----------
        project : str
            ``projects/P``.
        kind : str
            EXPORT_IMAGE, EXPORT_FEATURES, INGEST_IMAGE or INGEST_TABLE.
        work : callable
            ``work(task)`` does it and returns URIs.
        description, priority, request_id
            As the request gives them.
        fault : callable
            Asked once for what befalls a new task.

        Raises
        ------
        EarthEngineError
            If the queue is full (429), or the priority is out of range.
        """
        with self._condition:
            known = self._requests.get((project, request_id)) if request_id else None
            if known is not None:
                return known
            if self._closed:
                raise EarthEngineError("The emulator is closed.", code=503, status="UNAVAILABLE")
            if len(self._waiting) >= self.limits.pending_tasks:
                raise EarthEngineError(
                    f"Too many tasks already in the queue ({len(self._waiting)}). Please wait for "
                    "some of them to complete.",
                    code=429,
                    status="RESOURCE_EXHAUSTED",
                )
            identifier = "".join(secrets.choice(_ALPHABET) for _ in range(24))
            task = Task(
                f"{project}/operations/{identifier}", kind, description, _priority(priority), work
            )
            if request_id:
                self._requests[project, request_id] = task
            befallen = fault()
            if befallen is not None and befallen.kind == "task_lost":
                return task
            if befallen is not None:
                task.work = _failing(befallen)
            self._tasks[task.name] = task
            self._count += 1
            heapq.heappush(self._waiting, (-task.priority, self._count, task))
            self._start_threads()
            return task

    def set_concurrency(self, count: int) -> None:
        """Change how many tasks run at a time; those that run go on."""
        with self._condition:
            self.concurrency = count
            self._start_threads()

    def get(self, name: str) -> Task:
        """Return a task by its operation's name.

        Raises
        ------
        EarthEngineError
            If there is none, with code 404.
        """
        with self._condition:
            task = self._tasks.get(name)
        if task is None:
            raise EarthEngineError(
                f"Operation '{name:.200}' was not found.", code=404, status="NOT_FOUND"
            )
        return task

    def list(self, project: str) -> list[Task]:
        """Return a project's tasks, the newest first."""
        with self._condition:
            found = [t for t in self._tasks.values() if t.name.startswith(f"{project}/")]
        return found[::-1]

    def cancel(self, name: str) -> None:
        """Cancel a task; a finished one stays what it is."""
        task = self.get(name)
        with self._condition:
            if task.state == "PENDING":
                task.cancelled.set()
                self._waiting = [entry for entry in self._waiting if entry[2] is not task]
                heapq.heapify(self._waiting)
                self._finish(task, "CANCELLED", {"code": 1, "message": "Cancelled."})
            elif task.state == "RUNNING":
                task.state, task.updated = "CANCELLING", time.time()
                task.cancelled.set()

    def close(self, timeout: float = 10.0) -> None:
        """Cancel what waits or runs, and wait for the threads."""
        with self._condition:
            self._closed = True
            for task in list(self._tasks.values()):
                task.cancelled.set()
            self._waiting.clear()
            self._condition.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout)

    def _start_threads(self) -> None:
        """Wake, or start, as many threads as there is work for."""
        idle = len(self._threads) - self._running
        missing = min(len(self._waiting) - idle, self.concurrency - len(self._threads))
        for _ in range(missing):
            thread = threading.Thread(target=self._run, name="batch-task", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._closed and (not self._waiting or self._running >= self.concurrency):
                    self._condition.wait()
                if self._closed:
                    return
                task = heapq.heappop(self._waiting)[2]
                task.state, task.attempt = "RUNNING", 1
                task.started = task.updated = time.time()
                self._running += 1
            state, error, uris = self._outcome(task)
            with self._condition:
                self._running -= 1
                task.destination_uris = uris
                self._finish(task, state, error)
                self._condition.notify_all()

    def _outcome(self, task: Task) -> tuple[str, dict[str, Any] | None, list[str]]:
        try:
            uris = guarded(lambda: task.work(task))
        except TaskCancelledError:
            return "CANCELLED", {"code": 1, "message": "Cancelled."}, []
        except EarthEngineError as error:
            return "FAILED", {"code": _CODES.get(error.status, 3), "message": error.message}, []
        except OSError as error:
            _log.exception("task %s could not write", task.name)
            message = f"Unable to write to the destination: {error.strerror or error}"
            return "FAILED", {"code": 9, "message": message}, []
        except Exception:
            request_id = uuid.uuid4()
            _log.exception("task %s failed (request: %s)", task.name, request_id)
            message = f"An internal error has occurred (request: {request_id})"
            return "FAILED", {"code": 13, "message": message}, []
        return "SUCCEEDED", None, uris

    def _finish(self, task: Task, state: str, error: dict[str, Any] | None) -> None:
        task.state, task.error = state, error
        task.ended = task.updated = time.time()
        if state == "SUCCEEDED":
            task.progress = 1.0
        task.finished.set()


def _failing(fault: Fault) -> Callable[[Task], list[str]]:
    def work(task: Task) -> list[str]:
        raise EarthEngineError(fault.message or "Execution failed; out of memory.")

    return work


def _priority(value: Any) -> int:
    if isinstance(value, dict):
        value = value.get("value")
    if value is None:
        return _DEFAULT_PRIORITY
    try:
        priority = int(value)
    except (TypeError, ValueError):
        priority = -1
    if not 0 <= priority <= _HIGHEST_PRIORITY:
        raise EarthEngineError(
            f"Invalid priority {value!r:.40}: expected 0 to {_HIGHEST_PRIORITY}."
        )
    return priority


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
    if task.state in _DONE:
        found["done"] = True
        if task.error is not None:
            found["error"] = task.error
        else:
            found["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
    return found
