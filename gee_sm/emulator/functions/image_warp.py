"""Images moved by displacements, and how far two images are apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import METERS_PER_DEGREE, Grid, Projection, crs_of, transformer
from gee_sm.emulator.pixels.resampling import sample_at
from gee_sm.emulator.pixels.source import Pick, Shared, Source
from gee_sm.emulator.pixels.tile import Tile, empty, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel
from gee_sm.emulator.values.pixel_type import DOUBLE

_MODES = {"nearest_neighbor": "nearest", "bilinear": "bilinear", "bicubic": "bicubic"}
_REACH_UNSAID = 64
_MARGIN = 3
_ROUNDING = 1e-13


class _Displaced(Source):
    """A band read as many metres away as two other bands say."""

    __slots__ = ("max_offset", "mode", "projection")

    def __init__(
        self,
        source: Source,
        across: Source,
        along: Source,
        projection: Projection,
        mode: str,
        max_offset: float | None,
    ):
        super().__init__((source, across, along))
        self.projection = projection
        self.mode = mode
        self.max_offset = max_offset

    def _reach(self, grid: Grid) -> int:
        if self.max_offset is None:
            return _REACH_UNSAID
        # Metres of the displacement's system may be up to as many more of the request's.
        return math.ceil(2 * self.max_offset / grid.lattice.nominal_scale) + _MARGIN

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window around of the band, and the displacements themselves."""
        return [grid.padded(*(self._reach(grid),) * 4), grid, grid]

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Read the band at the displaced places."""
        tile, across, along = tiles
        if any(part.is_empty for part in tiles):
            return empty(tile.data.dtype)
        valid = intersect(across.mask, along.mask)
        dx, dy = (part.filled(grid.shape).astype(np.float64) for part in (across, along))
        if valid is not None:
            dx, dy = (np.where(valid > 0, d, 0.0) for d in (dx, dy))
        if self.max_offset is not None:
            near = (np.abs(dx) <= self.max_offset) & (np.abs(dy) <= self.max_offset)
            valid = intersect(valid, None if near.all() else near)
            dx, dy = np.where(near, dx, 0.0), np.where(near, dy, 0.0)
        columns, rows = self._places(grid, dx, dy)
        if self.max_offset is None:
            own_columns = grid.x + np.arange(grid.width) + 0.5
            own_rows = grid.y + np.arange(grid.height)[:, None] + 0.5
            farthest = max(np.abs(columns - own_columns).max(), np.abs(rows - own_rows).max())
            if farthest > _REACH_UNSAID - _MARGIN:
                raise EarthEngineError(
                    f"Displacements of {farthest:.0f} pixels were met; without maxOffset at most "
                    f"{_REACH_UNSAID - _MARGIN} are followed. Give maxOffset in metres."
                )
        have = grid.padded(*(self._reach(grid),) * 4)
        found = sample_at(tile, have, columns, rows, grid.shape, self.mode)
        return Tile(found.data, intersect(found.mask, valid))

    def _places(self, grid: Grid, dx: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the displaced columns and rows on the request's lattice."""
        crs = self.projection.crs
        meters = METERS_PER_DEGREE if crs_of(crs).is_geographic else 1.0
        xs, ys = (np.ascontiguousarray(axis) for axis in grid.centers())
        if crs != grid.lattice.crs:
            xs, ys = transformer(grid.lattice.crs, crs).transform(xs, ys)
        xs, ys = xs + dx / meters, ys + dy / meters
        if crs != grid.lattice.crs:
            xs, ys = transformer(crs, grid.lattice.crs).transform(xs, ys)
        inverse = ~grid.lattice.affine
        columns = inverse.a * xs + inverse.b * ys + inverse.c
        rows = inverse.d * xs + inverse.e * ys + inverse.f
        return np.round(columns, 7), np.round(rows, 7)


@implements("Image.displace")
@of_scalars("image", "displacement")
def displace(image: Image, displacement: Image, mode: str, maxOffset: float | None) -> Image:
    """Return the image read at each pixel's place plus its displacement in metres."""
    if mode not in _MODES:
        raise EarthEngineError(f"The mode must be one of {', '.join(_MODES)}, got '{mode}'.")
    if len(displacement.bands) < 2:
        raise EarthEngineError(
            f"The displacement must have two bands, X and Y, got {len(displacement.bands)}."
        )
    if maxOffset is not None and not maxOffset > 0:
        raise EarthEngineError(f"maxOffset must be positive, got {maxOffset}.")
    across, along = displacement.bands[:2]

    def change(band: Band) -> Band:
        source = _Displaced(
            band.source,
            across.source,
            along.source,
            across.projection,
            _MODES[mode],
            maxOffset,
        )
        return Band(band.name, band.type, band.projection, source)

    return replace(image.map_bands(change), id=None, version=None)


# -- correlation ----------------------------------------------------------------------------------


@implements("CrossCorrelation")
@of_scalars("imageA", "imageB")
def cross_correlation(
    imageA: Image, imageB: Image, maxGap: int, windowSize: int, maxMaskedFrac: float
) -> Image:
    """Return the shift at which a window of one image resembles the other most.

    The four bands are the shift in columns to the right and rows down, its length, and the
    correlation over all pixels and bands of the window.
    """
    count = len(imageA.bands)
    if not count or len(imageB.bands) != count:
        raise EarthEngineError(
            f"Both images must have the same number of bands, got {count} and {len(imageB.bands)}."
        )
    if windowSize < 1 or windowSize % 2 == 0:
        raise EarthEngineError(f"The window size must be odd and positive, got {windowSize}.")
    if maxGap < 0:
        raise EarthEngineError(f"maxGap must not be negative, got {maxGap}.")
    half = int(windowSize) // 2
    gap = int(maxGap)
    reach = half + gap
    window = FixedKernel(np.ones((windowSize, windowSize)), half, half)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        shape = grid.padded(*(reach,) * 4).shape
        pairs = [nb.split(tile, shape) for tile in tiles]
        valid = [np.logical_and.reduce([good for _, good in part]) for part in
                 (pairs[:count], pairs[count:])]  # fmt: skip
        first = [layer.astype(np.float64) for layer, _ in pairs[:count]]
        second = [layer.astype(np.float64) for layer, _ in pairs[count:]]
        core = (gap,) * 4
        here = nb.inner(valid[0], core)
        known = np.ones(grid.shape, bool)
        best = np.full(grid.shape, -np.inf)
        shift = np.zeros((2, *grid.shape))
        # The nearest shift first: it stays where others are just as good.
        shifts = sorted(
            ((dx, dy) for dy in range(-gap, gap + 1) for dx in range(-gap, gap + 1)),
            key=lambda s: (math.hypot(*s), s),
        )
        for dx, dy in shifts:
            both = here & nb.shifted(valid[1], core, dx, dy)
            present = both.astype(np.float64)
            number = nb.correlate(present, window)
            known &= number >= (1 - maxMaskedFrac) * window.weights.size - 1e-9
            pair = [
                (nb.inner(a, core), nb.shifted(b, core, dx, dy))
                for a, b in zip(first, second, strict=True)
            ]
            score = _correlation(pair, present, number, window)
            better = score > best
            best = np.where(better, score, best)
            shift[0] = np.where(better, dx, shift[0])
            shift[1] = np.where(better, dy, shift[1])
        good = known & np.isfinite(best)
        mask = None if good.all() else good
        return tuple(
            Tile(np.where(good, layer, 0.0), mask)
            for layer in (shift[0], shift[1], np.hypot(shift[0], shift[1]), best)
        )

    sources = [band.source for band in (*imageA.bands, *imageB.bands)]
    shared = Shared(function, sources, (reach,) * 4)
    projection = imageA.bands[0].projection
    return Image(
        tuple(
            Band(name, DOUBLE, projection, Pick(shared, index))
            for index, name in enumerate(("deltaX", "deltaY", "deltaDist", "correlation"))
        )
    )


def _correlation(
    pairs: list[tuple[np.ndarray, np.ndarray]],
    present: np.ndarray,
    number: np.ndarray,
    window: FixedKernel,
) -> np.ndarray:
    """Return Pearson's correlation over a window and all bands; 0 where one side is constant."""

    def mean(products: list[np.ndarray]) -> np.ndarray:
        total = sum(nb.correlate(product * present, window) for product in products)
        return total / np.where(number > 0, number * len(pairs), 1)

    # Taken about a value of the tile's own would round by the tile; sums of raw values do not.
    a, b = mean([x for x, _ in pairs]), mean([y for _, y in pairs])
    covariance = mean([x * y for x, y in pairs]) - a * b
    square_a, square_b = mean([x * x for x, _ in pairs]), mean([y * y for _, y in pairs])
    spread_a, spread_b = square_a - a * a, square_b - b * b
    # What rounding leaves of the spread of equal values is none.
    some = (spread_a > _ROUNDING * square_a) & (spread_b > _ROUNDING * square_b)
    product = spread_a * spread_b
    found = np.clip(covariance / np.sqrt(np.where(some, product, 1)), -1, 1)
    return np.where(number > 0, np.where(some, found, 0.0), -np.inf)
