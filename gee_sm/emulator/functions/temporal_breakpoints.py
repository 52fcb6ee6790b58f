"""Breakpoints of series, as strucchange of R finds them (Bai and Perron 2003; Zeileis et al. 2003).

The best partition into segments, each with a line and harmonics of its own, is found for every
number of breaks by dynamic programming; the number is the one with the least Bayesian information
criterion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_arrays import dimensions_of
from gee_sm.emulator.functions.image_collection import homogeneous
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE

_YEAR = 365.25 * 86_400_000
_BLOCK = 4_000_000
# Sums of squares below this part of the whole are rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True)
class _Model:
    """The regressors of a series: a constant, time in years about its middle, and harmonics."""

    years: np.ndarray
    order: int
    least: int
    most_breaks: int

    def table(self, kept: np.ndarray) -> np.ndarray:
        """Return the regressors of the images kept, one row each."""
        years = self.years[kept]
        columns = [np.ones_like(years), years - self.years.mean()]
        for harmonic in range(1, self.order + 1):
            phase = 2 * np.pi * harmonic * years
            columns += [np.cos(phase), np.sin(phase)]
        return np.stack(columns, axis=1)


@implements("TemporalSegmentation.StructuralChangeBreakpoints")
def breakpoints(
    collection: Collection,
    breakpointBand: str | None,
    seasonalModelOrder: int,
    minSpacing: float,
    maxBreaks: int,
    dateFormat: int,
) -> Image:
    """Return the segments of each pixel's series: their times, coefficients and errors."""
    if dateFormat not in (1, 2):
        raise EarthEngineError(f"dateFormat must be 1 or 2, got {dateFormat}.")
    if seasonalModelOrder < 0 or minSpacing <= 0 or maxBreaks < 0:
        raise EarthEngineError(
            "Expected seasonalModelOrder >= 0, minSpacing > 0 and maxBreaks >= 0, got "
            f"{seasonalModelOrder}, {minSpacing} and {maxBreaks}."
        )
    images = homogeneous(collection)
    if not images:
        return Image(())
    times = [image.properties.get("system:time_start") for image in images]
    if not all(isinstance(time, int | float) for time in times):
        raise EarthEngineError("Every image needs the property 'system:time_start'.")
    order = np.argsort(np.array(times, float), kind="stable")
    images = [images[index] for index in order]
    moments = np.array(times, float)[order]
    names = images[0].names
    if breakpointBand is None and len(names) != 1:
        raise EarthEngineError(f"Of the bands {names} name one in 'breakpointBand'.")
    images[0].band(breakpointBand or names[0])
    chosen = names.index(breakpointBand) if breakpointBand else 0
    if not math.isfinite(minSpacing):
        raise EarthEngineError(f"minSpacing must be a number, got {minSpacing}.")
    spacing = math.floor(minSpacing * len(images)) if minSpacing < 1 else int(minSpacing)
    columns = 2 + 2 * int(seasonalModelOrder)
    if spacing <= columns:
        raise EarthEngineError(
            f"Segments of {spacing} images are too short for a model of {columns} coefficients; "
            "raise minSpacing, lower seasonalModelOrder, or give more images."
        )
    model = _Model(moments / _YEAR, int(seasonalModelOrder), spacing, int(maxBreaks))
    shown = moments / _YEAR if dateFormat == 1 else moments
    count = len(names)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        size = 2 + 2 * count
        good = np.stack([tile.valid(grid.shape) for tile in tiles])
        good = good.reshape(len(images), count, -1).all(axis=1)
        values = np.stack([tile.filled(grid.shape).astype(np.float64).ravel() for tile in tiles])
        values = values.reshape(len(images), count, -1)
        found: list[np.ndarray] = [np.empty(grid.width * grid.height, object) for _ in range(size)]
        valid = np.zeros(grid.width * grid.height, bool)
        patterns, member = np.unique(good, axis=1, return_inverse=True)
        for number, pattern in enumerate(patterns.T):
            kept = np.flatnonzero(pattern)
            if len(kept) < spacing:
                continue
            pixels = np.flatnonzero(member.ravel() == number)
            valid[pixels] = True
            _segment(found, pixels, values[kept], kept, model, chosen, shown, dateFormat)
        if not valid.any():
            return (empty(DOUBLE.dtype),) * size
        nothing = np.zeros(0)
        for part, layer in enumerate(found):
            for pixel in np.flatnonzero(~valid):
                layer[pixel] = nothing if part < 2 or part % 2 else np.zeros((0, columns))
        mask = None if valid.all() else valid.reshape(grid.shape)
        return tuple(Tile(layer.reshape(grid.shape), mask) for layer in found)

    sources = [image.bands[index].source for image in images for index in range(count)]
    shared = Shared(function, sources)
    outputs = [("tStart", 1), ("tEnd", 1)]
    for name in names:
        outputs += [(f"coefs_{name}", 2), (f"rmse_{name}", 1)]
    return Image(
        tuple(
            Band(name, dimensions_of(DOUBLE, dimensions), DEFAULT, Pick(shared, index))
            for index, (name, dimensions) in enumerate(outputs)
        )
    )


def _segment(
    found: list[np.ndarray],
    pixels: np.ndarray,
    values: np.ndarray,
    kept: np.ndarray,
    model: _Model,
    chosen: int,
    shown: np.ndarray,
    date_format: int,
) -> None:
    """Write the segments of pixels whose series have values at the same images."""
    table = model.table(kept)
    middle = model.years.mean()
    fits: dict[tuple[int, int], np.ndarray] = {}
    size = max(1, _BLOCK // max(1, len(kept) ** 2))
    for start in range(0, len(pixels), size):
        block = pixels[start : start + size]
        ends = partition(values[:, chosen, block], table, model.least, model.most_breaks)
        for pixel, stops in zip(block, ends, strict=True):
            bounds = list(zip([0, *stops[:-1]], stops, strict=True))
            found[0][pixel] = np.array([shown[kept[first]] for first, _ in bounds])
            found[1][pixel] = np.array([shown[kept[stop - 1]] for _, stop in bounds])
            for band in range(values.shape[1]):
                coefficients, errors = [], []
                for first, stop in bounds:
                    if (first, stop) not in fits:
                        fits[first, stop] = np.linalg.pinv(table[first:stop])
                    series = np.ascontiguousarray(values[first:stop, band, pixel])
                    fit = (fits[first, stop] * series).sum(axis=1)
                    residual = series - (table[first:stop] * fit).sum(axis=1)
                    errors.append(math.sqrt((residual * residual).mean()))
                    fit[0] -= fit[1] * middle
                    if date_format == 2:
                        fit[1] /= _YEAR
                    coefficients.append(fit)
                found[2 + 2 * band][pixel] = np.stack(coefficients)
                found[3 + 2 * band][pixel] = np.array(errors)


def partition(
    values: np.ndarray, table: np.ndarray, least: int, most_breaks: int
) -> list[list[int]]:
    """Return, for each series, where its segments stop.

    Parameters
    ----------
    values : ndarray, shape (times, series)
    table : ndarray, shape (times, regressors)
    least : int
        Fewest times of a segment.
    most_breaks : int
        Most breaks; 0 for as many as there is room for.

    Returns
    -------
    list of list of int
        Stops, exclusive, the last one the number of times.
    """
    count, series = values.shape
    columns = table.shape[1]
    room = max(0, math.ceil(count / least) - 2)
    most = min(most_breaks, room) if most_breaks else room
    cost = _squares(values, table, least)
    best = [{stop: cost[0, stop] for stop in range(least, count + 1)}]
    back: list[dict[int, np.ndarray]] = [{}]
    for breaks in range(1, most + 1):
        level: dict[int, np.ndarray] = {}
        source: dict[int, np.ndarray] = {}
        for stop in range((breaks + 1) * least, count + 1):
            lowest = np.full(series, np.inf)
            at = np.zeros(series, np.intp)
            for first in range(breaks * least, stop - least + 1):
                total = best[-1][first] + cost[first, stop]
                better = total < lowest
                lowest = np.where(better, total, lowest)
                at = np.where(better, first, at)
            level[stop], source[stop] = lowest, at
        if count not in level:
            break
        best.append(level)
        back.append(source)
    criteria = np.stack(
        [
            count * (np.log(level[count]) + 1 - math.log(count) + math.log(2 * math.pi))
            + math.log(count) * (columns + 1) * (breaks + 1)
            for breaks, level in enumerate(best)
        ]
    )
    chosen = criteria.argmin(axis=0)
    found = []
    for index in range(series):
        stops = [count]
        for breaks in range(int(chosen[index]), 0, -1):
            stops.append(int(back[breaks][stops[-1]][index]))
        found.append(stops[::-1])
    return found


def _squares(
    values: np.ndarray, table: np.ndarray, least: int
) -> dict[tuple[int, int], np.ndarray]:
    """Return the sum of squared residuals of each segment, by its start and stop.

    Sums over a segment are differences of running sums, so that each series has the same bits
    whatever its neighbours.
    """
    count, series = values.shape
    columns = table.shape[1]
    total = np.zeros(series)
    for row in values:
        total += row
    centred = values - total / count
    zero = np.zeros((1, series))
    squares = np.concatenate([zero, np.cumsum(centred * centred, axis=0)])
    products = [
        np.concatenate([zero, np.cumsum(centred * table[:, i, None], axis=0)])
        for i in range(columns)
    ]
    floor = np.maximum(squares[-1] * _ROUNDING, np.finfo(float).tiny)
    found = {}
    for first in range(count - least + 1):
        for stop in range(first + least, count + 1):
            inverse = np.linalg.pinv(np.linalg.qr(table[first:stop], mode="r"))
            parts = [product[stop] - product[first] for product in products]
            rest = squares[stop] - squares[first]
            for column in range(columns):
                explained = np.zeros(series)
                for row in range(columns):
                    if inverse[row, column]:
                        explained = explained + inverse[row, column] * parts[row]
                rest = rest - explained * explained
            found[first, stop] = np.maximum(rest, floor)
    return found
