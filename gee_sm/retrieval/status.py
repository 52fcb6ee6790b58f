"""Why a pixel has no soil moisture: one code per reason, the first that applies."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import ee


class Status(IntEnum):
    """Codes of the ``status`` layer, in order of priority: the smallest that applies is given."""

    VALID = 0
    NO_THAW_SCENE = 1
    NO_FREEZE_SCENE = 2
    FOREST = 3
    CROPLAND = 4
    BUILT_UP = 5
    SNOW_AND_ICE = 6
    WATER = 7
    LAYOVER_OR_SHADOW = 8
    BACKSCATTER_OUT_OF_RANGE = 9
    NO_OPTICAL_VIEW = 10
    NEGATIVE_DIFFERENCE = 11

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS = {
    Status.VALID: "soil moisture was retrieved",
    Status.NO_THAW_SCENE: "no Sentinel-1 scene of the thawing season covers the pixel",
    Status.NO_FREEZE_SCENE: "no scene of the freezing season in the same orbit covers the pixel",
    Status.FOREST: "land cover is forest",
    Status.CROPLAND: "land cover is cropland",
    Status.BUILT_UP: "land cover is built-up",
    Status.SNOW_AND_ICE: "land cover is permanent snow or ice",
    Status.WATER: "open water, by land cover or by the water index",
    Status.LAYOVER_OR_SHADOW: "the radar sees layover or shadow",
    Status.BACKSCATTER_OUT_OF_RANGE: "backscatter lies outside the thresholds",
    Status.NO_OPTICAL_VIEW: "no cloud-free Sentinel-2 view around any pass",
    Status.NEGATIVE_DIFFERENCE: "backscatter is not higher in summer than in winter",
}

FLAG_VALUES: tuple[int, ...] = tuple(int(code) for code in Status)
"""For the CF attribute ``flag_values``."""

FLAG_MEANINGS: str = " ".join(code.name.lower() for code in Status)
"""For the CF attribute ``flag_meanings``."""


def status_image(reasons: Sequence[tuple[ee.Image, ee.Image | int]]) -> ee.Image:
    """Return the code of the first reason that applies, 0 where none does.

    Parameters
    ----------
    reasons : sequence of (condition, code)
        Conditions in order of priority, each an image that is non-zero where the reason applies
        (masked counts as no), with its code: a number or an image of codes.

    Returns
    -------
    ee.Image
        Band ``status``, byte, valid everywhere.
    """
    found = ee.Image.constant(int(Status.VALID)).toUint8()
    for condition, code in reversed(list(reasons)):
        value = code if isinstance(code, ee.Image) else ee.Image.constant(int(code))
        found = found.where(condition.unmask(0, False), value.toUint8())
    return found.toUint8().rename("status")
