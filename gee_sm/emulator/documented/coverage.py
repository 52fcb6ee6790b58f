"""What the emulator has of Earth Engine, class by class, and how much of it was checked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from gee_sm.emulator.documented import OUTPUTS, DocumentedOutput
from gee_sm.emulator.not_there import reason_for
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.signatures import algorithms_json, signatures

__all__ = ["ClassCoverage", "FunctionCoverage", "coverage"]


@dataclass(frozen=True)
class FunctionCoverage:
    """One function of the service.

    Attributes
    ----------
    name : str
        Official name.
    implemented : bool
        Whether the emulator has it.
    internal : bool
        Whether the service's own list marks it as hidden: it is not in the reference, and the
        client gives it no name of its own or keeps an older spelling.
    outputs : tuple of DocumentedOutput
        What is documented of it.
    """

    name: str
    implemented: bool
    internal: bool
    outputs: tuple[DocumentedOutput, ...]

    @property
    def state(self) -> str:
        """``implemented``, ``not there`` or ``internal`` to the service."""
        if self.implemented:
            return "implemented"
        return "internal" if self.internal else "not there"

    @property
    def remark(self) -> str:
        """Why it is not there, or what it is."""
        if self.implemented:
            return "not in the reference" if self.internal else ""
        return "internal to the service" if self.internal else reason_for(self.name)


@dataclass(frozen=True)
class ClassCoverage:
    """The functions of one class.

    Attributes
    ----------
    name : str
        The part of the names before the first dot.
    functions : tuple of FunctionCoverage
        In the order of the service's list.
    outputs : tuple of DocumentedOutput
        What is documented of them, of the class's constructor too.
    """

    name: str
    functions: tuple[FunctionCoverage, ...]
    outputs: tuple[DocumentedOutput, ...]

    @property
    def public(self) -> tuple[FunctionCoverage, ...]:
        """The functions that the reference has."""
        return tuple(item for item in self.functions if not item.internal)

    @property
    def implemented(self) -> int:
        """How many of them the emulator has."""
        return sum(item.implemented for item in self.public)

    @property
    def agreeing(self) -> int:
        """How many of the documented outputs the emulator gives."""
        return sum(not row.disagrees for row in self.outputs)


def coverage() -> tuple[ClassCoverage, ...]:
    """Return what the emulator has, class by class, in alphabetical order.

    Examples
    --------
    >>> [item.implemented for item in coverage() if item.name == "String"]
    [16]
    """
    have = implementations()
    hidden = {
        entry["name"].removeprefix("algorithms/")
        for entry in algorithms_json()["algorithms"]
        if entry.get("hidden")
    }
    documented = defaultdict(list)
    by_class = defaultdict(list)
    for row in OUTPUTS:
        documented[row.function].append(row)
        by_class[row.group].append(row)
    classes = defaultdict(list)
    for name in signatures():
        classes[name.partition(".")[0]].append(
            FunctionCoverage(name, name in have, name in hidden, tuple(documented[name]))
        )
    return tuple(
        ClassCoverage(name, tuple(functions), tuple(by_class[name]))
        for name, functions in sorted(classes.items())
    )
