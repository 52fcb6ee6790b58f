"""An image computed over a grid, and how it becomes 8-bit colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.graph import apply
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.service.expression import guarded
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["Raster", "compute", "each_tile", "is_displayable", "visualized"]


@dataclass(frozen=True)
class Raster:
    """Pixels of an image: for each band values and a mask, of shape (height, width).

    A mask is boolean, or has float32 weights in [0, 1] where any pixel is valid in part.
    """

    grid: Grid
    names: list[str]
    values: list[np.ndarray]
    weights: list[np.ndarray]


def check_scalar(image: Image) -> None:
    """Refuse bands of arrays, which have no raster form.

    Raises
    ------
    EarthEngineError
        If there is one.
    """
    for band in image.bands:
        if band.type.dimensions:
            raise EarthEngineError(
                f"Band '{band.name}' holds arrays, which cannot be returned as pixels: use "
                "arrayFlatten or arrayGet first."
            )


def each_tile(image: Image, grid: Grid, visit: Callable[[Grid, list[Tile]], None]) -> None:
    """Compute an image tile by tile, handing each on in order."""
    check_scalar(image)
    plan = Plan([band.source for band in image.bands])
    guarded(lambda: plan.each_tile(grid, visit))


def compute(image: Image, grid: Grid) -> Raster:
    """Compute an image over a grid that fits into memory."""
    check_scalar(image)
    plan = Plan([band.source for band in image.bands])
    dtypes = [band.type.dtype for band in image.bands]
    found = guarded(lambda: plan.arrays(grid, dtypes))
    return Raster(
        grid, image.names, [values for values, _ in found], [weights for _, weights in found]
    )


def is_displayable(image: Image) -> bool:
    """Whether an image is one of 1 to 4 bands of 8 bits."""
    return 1 <= len(image.bands) <= 4 and all(
        band.type.precision == "int"
        and not band.type.dimensions
        and band.type.dtype == np.dtype(np.uint8)
        for band in image.bands
    )


def visualized(emulator: Emulator, image: Image, options: Any = None) -> Image:
    """Return an image of 8-bit colours.

    Parameters
    ----------
    emulator : Emulator
        Whose ``Image.visualize`` is used.
    image : Image
        Any image; one already displayable is left alone when there are no options.
    options : dict, optional
        The request's ``VisualizationOptions``: ranges, paletteColors, gamma, opacity.

    Raises
    ------
    EarthEngineError
        If the options are malformed.
    """
    if not options and is_displayable(image):
        return image
    arguments: dict[str, Any] = {"image": image, **_arguments(options or {})}
    implementation = implementations().get("Image.visualize")
    if implementation is None:
        raise EarthEngineError("Image.visualize is not implemented by the emulator.")
    return guarded(lambda: apply(implementation, arguments, emulator))


def _arguments(options: Any) -> dict[str, Any]:
    """Return the arguments of ``Image.visualize`` for a request's options."""
    if not isinstance(options, dict):
        raise EarthEngineError("Invalid request: 'visualizationOptions' is an object.")
    found: dict[str, Any] = {}
    ranges = options.get("ranges", [])
    if not isinstance(ranges, list) or not all(isinstance(item, dict) for item in ranges):
        raise EarthEngineError("Invalid request: 'ranges' is a list of {min, max}.")
    if ranges:
        found["min"] = [item.get("min", 0) for item in ranges]
        found["max"] = [item.get("max", 0) for item in ranges]
    if options.get("paletteColors"):
        found["palette"] = options["paletteColors"]
    gamma, opacity = options.get("gamma"), options.get("opacity")
    if gamma is not None:
        found["gamma"] = gamma.get("value", 1) if isinstance(gamma, dict) else gamma
    if opacity is not None:
        found["opacity"] = opacity
    return found
