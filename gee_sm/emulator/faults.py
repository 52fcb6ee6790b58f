"""A plan by which the service misbehaves on purpose, reproducibly."""

from __future__ import annotations

import fnmatch
import json
import random
import threading
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

__all__ = ["FAULT_KINDS", "Fault", "FaultPlan", "FaultPlanError", "Injection"]

REQUEST_KINDS = ("429", "500", "503", "reset", "truncated", "slow")
TASK_KINDS = ("task_fails", "task_lost")
FAULT_KINDS = REQUEST_KINDS + TASK_KINDS

_STARTUP = frozenset({"discovery.rest", "projects.algorithms.list"})


class FaultPlanError(ValueError):
    """A fault plan that does not say what is wanted."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to misbehave, and when.

    Attributes
    ----------
    kind : str
        ``429``, ``500`` and ``503`` refuse a request before anything is done; ``reset`` and
        ``truncated`` do what was asked and lose the answer, or half of it; ``slow`` answers
        late. ``task_fails`` and ``task_lost`` befall an export after it was accepted.
    at : tuple of int
        Numbers of the calls it befalls, counted from 1 among those that match.
    rate : float
        Part of the matching calls it befalls, 0 to 1.
    call : str
        Calls that match, as methods of the discovery document (``projects.image.computePixels``),
        with ``*`` for any text. The default is every call but the two that start a client.
    seconds : float
        How late a slow answer is.
    message : str, optional
        Text of the error; by default the service's.
    """

    kind: str
    at: tuple[int, ...] = ()
    rate: float = 0.0
    call: str = "*"
    seconds: float = 1.0
    message: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise FaultPlanError(
                f"unknown kind of fault {self.kind!r}: expected one of {', '.join(FAULT_KINDS)}"
            )
        object.__setattr__(self, "at", tuple(self.at))
        if any(not isinstance(n, int) or n < 1 for n in self.at):
            raise FaultPlanError(f"'at' counts calls from 1, got {self.at!r}")
        if not 0 <= self.rate <= 1:
            raise FaultPlanError(f"'rate' is a part from 0 to 1, got {self.rate!r}")
        if not self.at and not self.rate:
            raise FaultPlanError(f"a fault of kind {self.kind!r} needs 'at' or 'rate'")
        if self.seconds < 0:
            raise FaultPlanError(f"'seconds' is not negative, got {self.seconds!r}")

    def matches(self, call: str) -> bool:
        """Whether a call is one that this fault may befall."""
        if self.call == "*" and call in _STARTUP:
            return False
        return fnmatch.fnmatchcase(call, self.call)


@dataclass(frozen=True)
class Injection:
    """A fault that happened: to which call, and which of the matching ones it was."""

    call: str
    number: int
    fault: Fault


class FaultPlan:
    """Faults to inject, decided from a seed.

    Whether the n-th matching call is hit depends on the seed and n alone, not on the order in
    which threads arrive.

    Parameters
    ----------
    faults : iterable of Fault
        The first that hits a call is the one that happens.
    seed : int
        Where the rates' decisions come from.

    Attributes
    ----------
    injected : list of Injection
        What has happened so far.

    Examples
    --------
    >>> plan = FaultPlan([Fault(kind="503", at=(2,), call="projects.value.*")])
    >>> [plan.for_request("projects.value.compute") is not None for _ in range(3)]
    [False, True, False]
    """

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int = 0):
        self.faults = tuple(faults)
        self.seed = seed
        self.injected: list[Injection] = []
        self._counts = [0] * len(self.faults)
        self._lock = threading.Lock()

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any]) -> FaultPlan:
        """Return the plan of a parsed file: ``{seed, fault: [{kind, at, rate, ...}]}``.

        Raises
        ------
        FaultPlanError
            If it holds something else.
        """
        unknown = set(document) - {"seed", "fault"}
        entries = document.get("fault", [])
        seed = document.get("seed", 0)
        if unknown or not isinstance(entries, list) or not isinstance(seed, int):
            raise FaultPlanError("a fault plan holds 'seed' (a whole number) and a list 'fault'")
        names = {field.name for field in fields(Fault)}
        faults = []
        for entry in entries:
            if not isinstance(entry, Mapping) or "kind" not in entry or set(entry) - names:
                raise FaultPlanError(
                    f"{entry!r} is not a fault: expected 'kind' and some of "
                    f"{', '.join(sorted(names - {'kind'}))}"
                )
            try:
                faults.append(Fault(**{**entry, "kind": str(entry["kind"])}))
            except TypeError as error:
                raise FaultPlanError(f"{entry!r} is not a fault: {error}") from error
        return cls(faults, seed=seed)

    @classmethod
    def from_file(cls, path: Path | str) -> FaultPlan:
        """Read a plan from a TOML or JSON file.

        Raises
        ------
        FaultPlanError
            If the file cannot be read as a plan.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise FaultPlanError(f"{path} cannot be read as a fault plan: {error}") from error
        if not isinstance(document, Mapping):
            raise FaultPlanError(f"{path} is not a fault plan: expected an object")
        return cls.from_mapping(document)

    def for_request(self, call: str) -> Fault | None:
        """Return what befalls a request, if anything."""
        return self._next(call, REQUEST_KINDS)

    def for_task(self, call: str) -> Fault | None:
        """Return what befalls an export that was just accepted, if anything."""
        return self._next(call, TASK_KINDS)

    def _next(self, call: str, kinds: tuple[str, ...]) -> Fault | None:
        hit: Fault | None = None
        with self._lock:
            for index, fault in enumerate(self.faults):
                if fault.kind not in kinds or not fault.matches(call):
                    continue
                self._counts[index] += 1
                number = self._counts[index]
                if hit is None and self._befalls(fault, index, number):
                    hit = fault
                    self.injected.append(Injection(call, number, fault))
        return hit

    def _befalls(self, fault: Fault, index: int, number: int) -> bool:
        if number in fault.at:
            return True
        draw = random.Random(f"{self.seed}/{index}/{number}").random()
        return draw < fault.rate
