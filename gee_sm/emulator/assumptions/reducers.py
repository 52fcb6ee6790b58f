"""What the emulator assumes of reducers."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Section

REDUCERS = Section(
    "Reducers",
    "",
    (),
)
