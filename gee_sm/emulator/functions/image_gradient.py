"""How a band changes from pixel to pixel: derivatives, gradients, changes of sign."""

from __future__ import annotations

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_neighbourhood import Shift
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.source import Pick, Pixelwise, Source
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BOOLEAN, DOUBLE


@implements("Image.gradient")
@of_scalars("input")
def gradient(input: Image) -> Image:
    """Return the change of the first band per metre along x and y."""
    from gee_sm.emulator.functions.terrain import gradients

    if not input.bands:
        raise EarthEngineError("The image has no bands.")
    band = input.first_band
    shared = gradients(band.source)
    return Image(
        tuple(
            Band(name, DOUBLE, band.projection, Pick(shared, index))
            for index, name in enumerate(("x", "y"))
        )
    )


@implements("Image.derivative")
def derivative(image: Image) -> Image:
    """Return the change per pixel along x and y of each band."""
    bands = []
    for band in image.bands:
        for axis, (dx, dy) in (("x", (1, 0)), ("y", (0, 1))):
            ahead, behind = Shift(band.source, dx, dy), Shift(band.source, -dx, -dy)
            bands.append(
                Band(
                    f"{band.name}_{axis}", DOUBLE, band.projection, _half_difference(ahead, behind)
                )
            )
    return image.with_bands(bands)


def _half_difference(ahead: Source, behind: Source) -> Source:
    return Pixelwise(lambda a, b: (a.astype(np.float64) - b) / 2, (ahead, behind), DOUBLE.dtype)


@implements("Image.zeroCrossing")
@of_scalars("image")
def zero_crossing(image: Image) -> Image:
    """Return where the value changes its sign towards the right or below."""

    def function(centre: np.ndarray, right: np.ndarray, below: np.ndarray) -> np.ndarray:
        def crosses(other: np.ndarray) -> np.ndarray:
            return (np.sign(centre) * np.sign(other) < 0) | ((centre == 0) & (other != 0))

        return crosses(right) | crosses(below)

    return image.map_bands(
        lambda band: Band(
            band.name,
            BOOLEAN,
            band.projection,
            Pixelwise(
                function,
                (band.source, Shift(band.source, 1, 0), Shift(band.source, 0, 1)),
                BOOLEAN.dtype,
            ),
        )
    )
