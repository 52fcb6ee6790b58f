"""Variational mode decomposition (VMD) of any number of series at once.

:func:`decompose` is the entry point; its defaults part the annual cycle of a soil-moisture bias
from its trend, as the bias correction of Chang et al. (2022) needs it.
"""

from __future__ import annotations

from local_core.vmd.annual import ANNUAL_TREND, LITERATURE, ModePeriodWarning, annual_mode_found
from local_core.vmd.decompose import decompose
from local_core.vmd.result import VmdResult, VmdStatus

__all__ = [
    "ANNUAL_TREND",
    "LITERATURE",
    "ModePeriodWarning",
    "VmdResult",
    "VmdStatus",
    "annual_mode_found",
    "decompose",
]
