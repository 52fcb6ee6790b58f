"""Batch tasks: a queue by priority, worked off in the background, watched through operations."""

from __future__ import annotations

import functools
import heapq
import logging
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from gee_sm.emulator.deadline import given_up_by
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.faults import Fault
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.expression import guarded
from gee_sm.emulator.service.task import DONE, Task, TaskCancelledError, Work
from gee_sm.emulator.service.task_journal import TaskJournal

__all__ = ["TaskQueue"]

_log = logging.getLogger(__name__)

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CODES = {"INVALID_ARGUMENT": 3, "NOT_FOUND": 5, "ALREADY_EXISTS": 6, "RESOURCE_EXHAUSTED": 8}
_CANCELLED = {"code": 1, "message": "Cancelled."}
_DEFAULT_PRIORITY = 100
_HIGHEST_PRIORITY = 9_999
_ATTEMPTS = 5


class TaskQueue:
    """Runs tasks in threads of its own, a few at a time.

    Parameters
    ----------
    limits : Limits
        How many run at a time, and how many may wait.
    journal : TaskJournal, optional
        Where tasks are written down; without one they end with the process.
    """

    def __init__(self, limits: Limits, journal: TaskJournal | None = None):
        self.limits = limits
        self._journal = journal
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
        work: Work,
        *,
        call: str = "",
        document: dict[str, Any] | None = None,
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
        call, document : str and dict
            The request, by which another process can take the task up.
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
                f"{project}/operations/{identifier}",
                kind,
                description,
                _priority(priority),
                work,
                call,
                document or {},
                request_id,
            )
            if request_id:
                self._requests[project, request_id] = task
            befallen = fault()
            if befallen is not None and befallen.kind == "task_lost":
                return task
            if befallen is not None:
                task.work = _failing(befallen)
            self._tasks[task.name] = task
            task.keep = functools.partial(self._keep, task)
            self._write(task)
            self._enqueue(task)
            return task

    def take_over(self, prepare: Callable[[str, dict[str, Any]], Work]) -> None:
        """Go on with the tasks of services that ended, as the journal has them.

        A task that waited waits again. One that was running is begun anew, unless it was, time and
        again: then it may be what ends the service. One that was being cancelled is cancelled.

        Parameters
        ----------
        prepare : callable
            ``prepare(call, document)`` returns the work of a request.
        """
        if self._journal is None:
            return
        for record in self._journal.take_over():
            try:
                task = Task.of_record(record, _nothing)
            except (KeyError, TypeError) as error:
                _log.warning("the record of task %s is incomplete: %s", record.get("name"), error)
                continue
            with self._condition:
                self._tasks[task.name] = task
                if task.request_id:
                    self._requests[task.name.rpartition("/operations/")[0], task.request_id] = task
                if task.state not in DONE:
                    self._resume(task, prepare)

    def _resume(self, task: Task, prepare: Callable[[str, dict[str, Any]], Work]) -> None:
        if task.state == "CANCELLING":
            self._finish(task, "CANCELLED", _CANCELLED)
            return
        try:
            if task.attempt >= _ATTEMPTS:
                raise EarthEngineError(
                    f"Execution failed: the service ended in each of {task.attempt} attempts."
                )
            task.work = prepare(task.call, task.document)
        except EarthEngineError as error:
            self._finish(task, "FAILED", _error(error))
            return
        task.state = "PENDING"
        task.keep = functools.partial(self._keep, task)
        self._enqueue(task)

    def _enqueue(self, task: Task) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (-task.priority, self._count, task))
        self._start_threads()

    def _keep(self, task: Task) -> None:
        with self._condition:  # lest an older state takes the place of a newer one
            self._write(task)

    def _write(self, task: Task) -> None:
        if self._journal is not None:
            self._journal.write(task.to_record())

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

    @property
    def unfinished(self) -> int:
        """Number of tasks that wait or run."""
        with self._condition:
            return sum(task.state not in DONE for task in self._tasks.values())

    def cancel(self, name: str) -> None:
        """Cancel a task; a finished one stays what it is."""
        task = self.get(name)
        with self._condition:
            if task.state == "PENDING":
                task.cancelled.set()
                self._waiting = [entry for entry in self._waiting if entry[2] is not task]
                heapq.heapify(self._waiting)
                self._finish(task, "CANCELLED", _CANCELLED)
            elif task.state == "RUNNING":
                task.state, task.updated = "CANCELLING", time.time()
                self._write(task)
                task.cancelled.set()

    def close(self, timeout: float = 10.0) -> None:
        """Stop what runs, and wait for the threads; the journal keeps what was not done."""
        with self._condition:
            self._closed = True
            for task in list(self._tasks.values()):
                task.cancelled.set()
            self._waiting.clear()
            self._condition.notify_all()
            threads = list(self._threads)
        until = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._journal is not None:
            self._journal.close()

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
                task.state, task.attempt = "RUNNING", task.attempt + 1
                task.started = task.updated = time.time()
                self._running += 1
                self._write(task)
            state, error, uris = self._outcome(task)
            with self._condition:
                self._running -= 1
                if self._closed and state == "CANCELLED" and task.state == "RUNNING":
                    # Stopped with the service, not by a user; that is no attempt of the task's.
                    task.state, task.attempt = "PENDING", task.attempt - 1
                    self._write(task)
                    task.finished.set()
                    return
                task.destination_uris = uris
                self._finish(task, state, error)
                self._condition.notify_all()

    def _outcome(self, task: Task) -> tuple[str, dict[str, Any] | None, list[str]]:
        try:
            with given_up_by(task.stop_if_cancelled):
                uris = guarded(lambda: task.work(task))
        except TaskCancelledError:
            return "CANCELLED", _CANCELLED, []
        except EarthEngineError as error:
            return "FAILED", _error(error), []
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
        self._write(task)
        # A graph may have megabytes, and what a task makes of it more; tasks are kept for good.
        task.work, task.document = _nothing, {}
        task.finished.set()


def _nothing(task: Task) -> list[str]:
    """Do the work of a task whose work is done, or is yet to be prepared."""
    return []


def _error(error: EarthEngineError) -> dict[str, Any]:
    return {"code": _CODES.get(error.status, 3), "message": error.message}


def _failing(fault: Fault) -> Work:
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
