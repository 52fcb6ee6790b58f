"""Upper envelopes of parabolas: the reverse squared distance transform and the medial axis.

After Coeurjolly and Montanvert (2007), https://doi.org/10.1109/TPAMI.2007.54.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE, FLOAT, INT32, PixelType


def _reach(neighborhood: int, units: str) -> int:
    if units != "pixels":
        raise EarthEngineError(f"Currently only 'pixels' are supported, got '{units}'.")
    if neighborhood < 1:
        raise EarthEngineError(f"The neighborhood must be positive, got {neighborhood}.")
    return int(neighborhood)


def _first(image: Image) -> Band:
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    return image.first_band


@implements("Image.rsedTransform")
@of_scalars("image")
def reverse_distance(image: Image, neighborhood: int, units: str) -> Image:
    """Return the highest of the parabolas that hang from the pixels' values."""
    reach = _reach(neighborhood, units)
    band = _first(image)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile]:
        values, _ = nb.split(tiles[0], grid.padded(*(reach,) * 4).shape)
        height = np.where(values > 0, values, 0).astype(np.float64)
        found, _, _ = _envelope(height, reach)
        return (Tile(found),)

    source = Pick(Shared(function, (band.source,), (reach,) * 4), 0)
    return replace(
        image.with_bands([Band("distance", DOUBLE, band.projection, source)]), id=None, version=None
    )


def _envelope(height: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the envelope of parabolas, and the columns and rows from each pixel to the highest.

    ``height`` has ``reach`` more pixels on each side than the result. A parabola is as wide as the
    root of its height; of equally high ones the nearest, then the first column and row, is taken.
    """
    radius = min(reach, int(np.ceil(np.sqrt(max(height.max(initial=0), 0)))))
    across, step_x = _along(height, radius, 1)
    found, step_y = _along(across, radius, 0)
    rows, columns = np.indices(height.shape)
    step_x = step_x[rows + step_y, columns]
    halo = (reach,) * 4
    return nb.inner(found, halo), nb.inner(step_x, halo), nb.inner(step_y, halo)


def _along(height: np.ndarray, radius: int, axis: int) -> tuple[np.ndarray, np.ndarray]:
    found, step = height.copy(), np.zeros(height.shape, np.int64)
    size = height.shape[axis]
    for offset in range(1, min(radius, size - 1) + 1):
        for sign in (-1, 1):
            here = [slice(None), slice(None)]
            there = [slice(None), slice(None)]
            here[axis] = slice(offset, None) if sign < 0 else slice(0, size - offset)
            there[axis] = slice(0, size - offset) if sign < 0 else slice(offset, None)
            candidate = height[tuple(there)] - float(offset * offset)
            better = candidate > found[tuple(here)]
            found[tuple(here)] = np.where(better, candidate, found[tuple(here)])
            step[tuple(here)] = np.where(better, sign * offset, step[tuple(here)])
    return found, step


@implements("Image.medialAxis")
@of_scalars("image")
def medial_axis(image: Image, neighborhood: int, units: str) -> Image:
    """Return the discrete medial axis of the zero pixels of the first band.

    A zero pixel is the centre of the largest disc around it that holds no other pixel. The medial
    axis are the centres that no combination of other discs makes superfluous: those whose parabola
    is the highest somewhere.
    """
    reach = _reach(neighborhood, units)
    band = _first(image)
    halo = (3 * reach,) * 4

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        values, valid = nb.split(tiles[0], grid.padded(*halo).shape)
        inside = (values == 0) & valid
        squared = _squared_distance(inside, reach)
        # Envelopes and their owners are wanted a reach around the request, to count supporters.
        _, step_x, step_y = _envelope(squared, reach)
        around = nb.inner(inside, (reach,) * 4)
        rows, columns = np.indices(around.shape)
        owner = (rows + step_y, columns + step_x)
        # An owner may lie in the margin: count on the wide grid.
        count = np.zeros(inside.shape, np.int64)
        np.add.at(count, (owner[0][around] + reach, owner[1][around] + reach), 1)
        coverage = nb.inner(count, halo).astype(np.int32)
        middle = nb.inner(inside, halo)
        medial = np.where((coverage > 0) & middle, np.sqrt(nb.inner(squared, halo)), 0.0)
        inner = (2 * reach,) * 4
        return (
            Tile(medial.astype(np.float32)),
            Tile(np.where(middle, coverage, 0).astype(np.int32)),
            Tile(np.where(middle, nb.inner(step_x, inner), 0).astype(np.int32)),
            Tile(np.where(middle, nb.inner(step_y, inner), 0).astype(np.int32)),
        )

    shared = Shared(function, (band.source,), halo)
    kinds: tuple[tuple[str, PixelType], ...] = (
        ("medial", FLOAT),
        ("coverage", INT32),
        ("xlabel", INT32),
        ("ylabel", INT32),
    )
    bands = [
        Band(name, kind, band.projection, Pick(shared, index))
        for index, (name, kind) in enumerate(kinds)
    ]
    return replace(image.with_bands(bands), id=None, version=None)


def _squared_distance(inside: np.ndarray, reach: int) -> np.ndarray:
    """Return the squared distance of the zero pixels to the nearest other one, up to a reach."""
    if inside.all():
        return np.full(inside.shape, float(reach * reach))
    index = ndimage.distance_transform_edt(inside, return_distances=False, return_indices=True)
    rows, columns = np.indices(inside.shape)
    squared = (index[0] - rows) ** 2.0 + (index[1] - columns) ** 2.0
    return np.minimum(squared, float(reach * reach))
