"""One assumption: a function, what is assumed of it, and the expression that would show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """What the emulator assumes where Earth Engine's documentation is silent.

    Attributes
    ----------
    function : str
        The function of the service.
    assumption : str
        What is assumed of it, as a sentence.
    check : str
        A Python expression for the official client, with ``ee`` and the names that
        :mod:`~gee_sm.emulator.assumptions.verification` adds; its ``getInfo`` shows whether the
        assumption holds.
    answer : str
        What the emulator answers: JSON, or ``error:`` and the message.
    """

    function: str
    assumption: str
    check: str
    answer: str


@dataclass(frozen=True)
class Section:
    """The assumptions on one kind of value.

    Attributes
    ----------
    title : str
        The kind of value.
    note : str
        What holds for all of them; may be empty.
    assumptions : tuple of Assumption
        In the order of the page.
    """

    title: str
    note: str
    assumptions: tuple[Assumption, ...]
