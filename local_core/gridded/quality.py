"""Quality flags of the providers' files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

Quality = Literal["good", "usable", "none"]
"""How strict a rule is: the best pixels, doubtful ones as well, or all."""

QUALITIES: tuple[Quality, ...] = ("good", "usable", "none")


@dataclass(frozen=True)
class FlagRule:
    """A flag variable and the values it must have.

    Attributes
    ----------
    flag : str
        Name of the flag in the file.
    variables : tuple of str
        Our names of the variables it rules.
    accepts : callable
        Takes the flag and returns a boolean array; NaN is never accepted.
    good_only : bool
        Whether "usable" leaves the flag aside.
    """

    flag: str
    variables: tuple[str, ...]
    accepts: Callable[[xr.DataArray], xr.DataArray]
    good_only: bool = False

    def applies(self, variable: str, quality: Quality) -> bool:
        """Return whether the rule decides about a variable at a strictness."""
        if quality == "none" or variable not in self.variables:
            return False
        return quality == "good" or not self.good_only


def checked_quality(quality: str) -> Quality:
    """Return the strictness, or raise ValueError if there is no such."""
    for known in QUALITIES:
        if quality == known:
            return known
    raise ValueError(
        f"quality {quality!r} is unknown; use 'good' (the product's best pixels), 'usable' "
        "(doubtful ones as well) or 'none' (no quality rule)"
    )


def is_zero(flag: xr.DataArray) -> xr.DataArray:
    """Accept where the whole word is 0."""
    return flag == 0


def lowest_bit_is_zero(flag: xr.DataArray) -> xr.DataArray:
    """Accept where bit 0 is 0: SMAP's recommended retrievals. Fill values are not accepted."""
    known = flag.notnull()
    return known & (xr.where(known, flag, 1).astype(np.int64) % 2 == 0)
