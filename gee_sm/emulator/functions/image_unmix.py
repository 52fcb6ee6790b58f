"""Image.unmix: each pixel as a mixture of pure spectra."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE

_MOST_NON_NEGATIVE = 10


def _solver(spectra: np.ndarray, *, sum_to_one: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return matrix and offset of the least-squares shares x = M pixel + c."""
    columns = spectra.shape[1]
    if not sum_to_one:
        return np.linalg.pinv(spectra), np.zeros(columns)
    # Stationarity with a multiplier: [E'E 1; 1' 0] [x; l] = [E'b; 1].
    system = np.zeros((columns + 1, columns + 1))
    system[:columns, :columns] = spectra.T @ spectra
    system[:columns, columns] = system[columns, :columns] = 1
    inverse = np.linalg.pinv(system)
    return inverse[:columns, :columns] @ spectra.T, inverse[:columns, columns]


def _apply(matrix: np.ndarray, values: list[np.ndarray]) -> list[np.ndarray]:
    """Return the product with each pixel, summed in the order of the bands."""
    found = []
    for row in matrix:
        total = np.zeros(values[0].shape)
        for weight, value in zip(row, values, strict=True):
            total += weight * value
        found.append(total)
    return found


@implements("Image.unmix")
def unmix(image: Image, endmembers: list[list[float]], sumToOne: bool, nonNegative: bool) -> Image:
    """Return the share of each endmember that fits the pixel best in the least-squares sense."""
    try:
        spectra = np.array(endmembers, np.float64).T
    except (TypeError, ValueError):
        spectra = np.zeros(0)
    if spectra.ndim != 2 or spectra.shape[0] != len(image.bands) or not spectra.size:
        raise EarthEngineError(
            f"Each endmember must be a list of {len(image.bands)} numbers, one for each band."
        )
    count = spectra.shape[1]
    if nonNegative and count > _MOST_NON_NEGATIVE:
        raise EarthEngineError(
            f"At most {_MOST_NON_NEGATIVE} endmembers can be kept from being negative by the "
            f"emulator, got {count}."
        )
    # The constrained optimum is the plain one on those endmembers that it uses: try all sets.
    sets = [tuple(range(count))]
    if nonNegative:
        sets = [s for n in range(count, 0, -1) for s in itertools.combinations(range(count), n)]
    solvers = [(s, *_solver(spectra[:, list(s)], sum_to_one=sumToOne)) for s in sets]

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        if any(tile.is_empty for tile in tiles):
            return (empty(DOUBLE.dtype),) * count
        mask = intersect(*(tile.mask for tile in tiles))
        values = [tile.filled(grid.shape).astype(np.float64) for tile in tiles]
        shares = [np.zeros(grid.shape) for _ in range(count)]
        # Nothing of anything is a solution too, unless the shares must make one.
        least = np.full(grid.shape, np.inf)
        if nonNegative and not sumToOne:
            least = np.zeros(grid.shape)
            for value in values:
                least += value * value
        for members, matrix, offset in solvers:
            found = [x + c for x, c in zip(_apply(matrix, values), offset, strict=True)]
            if not nonNegative:
                shares = found
                break
            rebuilt = _apply(spectra[:, list(members)], found)
            residual = np.zeros(grid.shape)
            for value, again in zip(values, rebuilt, strict=True):
                residual += (value - again) ** 2
            better = residual < least
            for x in found:
                better &= x >= 0
            least = np.where(better, residual, least)
            for member in range(count):
                new = found[members.index(member)] if member in members else 0.0
                shares[member] = np.where(better, new, shares[member])
        return tuple(Tile(share, mask) for share in shares)

    shared = Shared(function, [band.source for band in image.bands])
    bands = [
        Band(f"band_{index}", DOUBLE, image.first_band.projection, Pick(shared, index))
        for index in range(count)
    ]
    return replace(image.with_bands(bands), id=None, version=None)
