"""Values by table and by formula: remap and expressions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.source import Pixelwise
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import of_constant, union


@implements("Image.remap")
def remap(
    image: Image, from_: list[Any], to: list[Any], defaultValue: Any, bandName: str | None
) -> Image:
    """Replace values by those of a table; the others are masked or get a default."""
    if len(from_) != len(to):
        raise EarthEngineError(
            f"Image.remap: 'from' has {len(from_)} values, 'to' has {len(to)}: must be equal."
        )
    band = image.bands[0] if bandName is None else image.band(bandName)
    result = of_constant(to[0])
    for value in [*to[1:], *([] if defaultValue is None else [defaultValue])]:
        result = union(result, of_constant(value))
    order = np.argsort(np.asarray(from_, np.float64), kind="stable")
    keys = np.asarray(from_, np.float64)[order]
    values = np.asarray(to, np.float64)[order]

    def function(a: np.ndarray) -> np.ndarray:
        numbers = a.astype(np.float64)
        place = np.clip(np.searchsorted(keys, numbers), 0, len(keys) - 1)
        hit = keys[place] == numbers
        other = np.nan if defaultValue is None else float(defaultValue)
        return np.where(hit, values[place], other)

    looked_up = Pixelwise(function, (band.source,), np.dtype(np.float64), masks_nan=True)
    source = Pixelwise(lambda a: np.nan_to_num(a), (looked_up,), result.dtype)
    return Image(
        (Band("remapped", result, band.projection, source),), image.properties, image.footprint
    )
