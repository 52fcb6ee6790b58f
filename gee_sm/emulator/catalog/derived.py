"""Collections that Earth Engine computes from others when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gee_sm.emulator.pixels.source import Pixelwise
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import FLOAT


def _decibel(power: np.ndarray) -> np.ndarray:
    """Return 10 log10 of power; what is not positive has none and becomes masked."""
    positive = power > 0
    return np.where(positive, 10 * np.log10(np.where(positive, power, 1)), np.nan)


def _in_decibel(image: Image) -> Image:
    """Return a Sentinel-1 image with its backscatter in dB, the angle left alone."""

    def change(band: Band) -> Band:
        if band.name == "angle":
            return band
        source = Pixelwise(_decibel, (band.source,), FLOAT.dtype, masks_nan=True)
        return replace(band, type=FLOAT, source=source)

    return image.map_bands(change)


DERIVED: dict[str, tuple[str, Callable[[Image], Image]]] = {
    "COPERNICUS/S1_GRD": ("COPERNICUS/S1_GRD_FLOAT", _in_decibel),
}
"""Asset id, the stored asset it comes from, and what is done to each image."""
