"""Variational mode decomposition (VMD) of any number of series at once."""

from __future__ import annotations

from local_core.vmd.decompose import decompose
from local_core.vmd.result import VmdResult, VmdStatus

__all__ = ["VmdResult", "VmdStatus", "decompose"]
