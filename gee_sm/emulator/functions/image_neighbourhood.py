"""Convolution, and reductions of the pixels under a kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Shared, Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel, Kernel
from gee_sm.emulator.values.pixel_type import DOUBLE, FLOAT
from gee_sm.emulator.values.reducer import Arrays, Reducer, Result, ranked, settled

_STACK_PIXELS = 4_000_000


class Windowed(Source):
    """A function of the pixels under a kernel, whose reach may depend on the pixel size."""

    __slots__ = ("function", "kernel")

    def __init__(
        self,
        function: Callable[[Grid, FixedKernel, list[Tile]], Tile],
        inputs: tuple[Source, ...],
        kernel: Kernel,
    ):
        super().__init__(inputs)
        self.function = function
        self.kernel = kernel

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window grown by the kernel's reach."""
        return [grid.padded(*self.kernel.on(grid).halo)] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Apply the function."""
        kernel = self.kernel.on(grid)
        with np.errstate(all="ignore"):
            return self.function(grid.padded(*kernel.halo), kernel, tiles)


def centre_mask(tile: Tile, kernel: FixedKernel) -> np.ndarray | None:
    """Return the mask of the pixels that the kernel is put on."""
    if tile.mask is None or tile.mask.ndim == 0:
        return tile.mask
    return nb.inner(tile.mask, kernel.halo)


@implements("Image.convolve")
@of_scalars("image")
def convolve(image: Image, kernel: Kernel) -> Image:
    """Convolve each band with a kernel; masked neighbours count as 0."""

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        if tile.is_empty:
            return empty(DOUBLE.dtype)
        values, _ = nb.split(tile, grid.shape)
        return Tile(nb.correlate(values, weights), centre_mask(tile, weights))

    return replace(
        image.map_bands(
            lambda band: Band(
                band.name, DOUBLE, band.projection, Windowed(function, (band.source,), kernel)
            )
        ),
        id=None,
    )


@implements("Image.reduceNeighborhood")
@of_scalars("image")
def reduce_neighborhood(
    image: Image,
    reducer: Reducer,
    kernel: Kernel,
    inputWeight: str,
    skipMasked: bool,
    optimization: str | None,
) -> Image:
    """Reduce the pixels under a kernel, band by band or all bands together."""
    if inputWeight not in ("kernel", "mask", "min"):
        raise EarthEngineError(
            f"inputWeight must be 'kernel', 'mask' or 'min', got '{inputWeight}'."
        )
    if reducer.inputs == 1:
        bands = [
            band
            for source in image.bands
            for band in reduced_window(
                (source,),
                reducer,
                kernel,
                inputWeight,
                skipMasked,
                [f"{source.name}_{output}" for output in reducer.outputs],
            )
        ]
    else:
        if reducer.inputs != len(image.bands):
            raise EarthEngineError(
                f"Need {reducer.inputs} bands for the reducer, image has {len(image.bands)}."
            )
        bands = reduced_window(
            image.bands, reducer, kernel, inputWeight, skipMasked, list(reducer.outputs)
        )
    return replace(image.with_bands(bands), id=None)


def reduced_window(
    inputs: tuple[Band, ...],
    reducer: Reducer,
    kernel: Kernel,
    weighting: str,
    skip_masked: bool,
    names: list[str],
) -> list[Band]:
    """Return the bands of one reduction under a kernel."""

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> tuple[Tile, ...]:
        results = _over_window(grid, weights, tiles, reducer, weighting)
        found = []
        for (value, valid), rule in zip(results, reducer.types, strict=True):
            if skip_masked:
                for tile in tiles:
                    centre = centre_mask(tile, weights)
                    if centre is not None:
                        valid = valid & (centre > 0)
            dtype = rule(inputs[0].type).dtype
            data = settled(value, valid, dtype)
            found.append(Tile(data, None if valid.all() else np.asarray(valid)))
        return tuple(found)

    shared = SharedWindow(function, tuple(band.source for band in inputs), kernel)
    return [
        Band(name, rule(inputs[0].type), inputs[0].projection, Pick(shared, index))
        for index, (name, rule) in enumerate(zip(names, reducer.types, strict=True))
    ]


class SharedWindow(Shared):
    """Several results of one pass over a kernel's window."""

    __slots__ = ("kernel", "window_function")

    def __init__(
        self,
        function: Callable[[Grid, FixedKernel, list[Tile]], tuple[Tile, ...]],
        inputs: tuple[Source, ...],
        kernel: Kernel,
    ):
        super().__init__(lambda grid, tiles: (), inputs)
        self.window_function = function
        self.kernel = kernel

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window grown by the kernel's reach."""
        return [grid.padded(*self.kernel.on(grid).halo)] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> tuple[Tile, ...]:  # type: ignore[override]
        """Return all results."""
        kernel = self.kernel.on(grid)
        with np.errstate(all="ignore"):
            return self.window_function(grid.padded(*kernel.halo), kernel, tiles)


def _over_window(
    grid: Grid, kernel: FixedKernel, tiles: list[Tile], reducer: Reducer, weighting: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    pairs = [nb.split(tile, grid.shape) for tile in tiles]
    inner_shape = nb.inner(pairs[0][0], kernel.halo).shape
    if any(tile.is_empty for tile in tiles):
        nothing = np.zeros(inner_shape)
        return [(nothing, np.zeros(inner_shape, bool)) for _ in reducer.outputs]
    valid = pairs[0][1]
    for _, other in pairs[1:]:
        valid = valid & other
    masks = np.minimum.reduce([tile.weights(grid.shape) for tile in tiles])
    fast = _fast(pairs[0][0], valid, masks, kernel, reducer, weighting)
    if fast is not None:
        return fast
    return _stacked([values for values, _ in pairs], valid, masks, kernel, reducer, weighting)


_FAST = frozenset(
    ("mean", "sum", "count", "min", "max", "variance", "sampleVariance", "stdDev", "sampleStdDev")
)


def _cell_weights(kernel: FixedKernel, weighting: str) -> FixedKernel:
    """Return the kernel that weights the cells: its own values, or 1 wherever it is not 0."""
    if weighting == "kernel":
        return kernel
    return FixedKernel((kernel.weights != 0).astype(np.float64), kernel.x, kernel.y)


def _fast(
    values: np.ndarray,
    valid: np.ndarray,
    masks: np.ndarray,
    kernel: FixedKernel,
    reducer: Reducer,
    weighting: str,
) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """Reduce without a stack of all neighbours, for the reducers that allow it."""
    name = reducer.kind
    if name not in _FAST or weighting == "min" or reducer.inputs != 1:
        return None
    present = (masks if weighting == "mask" else valid).astype(np.float64)
    cells = _cell_weights(kernel, weighting)
    if name in ("mean", "sum"):
        if (cells.weights < 0).any():
            return None
        norm, mean = nb.weighted_mean(values.astype(np.float64), present, cells)
        return [(mean * norm if name == "sum" else mean, norm > 0)]
    if name == "count":
        ones = _cell_weights(kernel, "mask")
        count = nb.correlate(valid.astype(np.float64), ones)
        return [(count, count > 0)]
    if name in ("min", "max"):
        return [nb.extreme(values, valid, kernel, largest=name == "max")]
    uniform = np.unique(kernel.weights[kernel.weights != 0]).size == 1
    if weighting == "mask" or not uniform:
        return None
    spread, good = nb.variance(
        values.astype(np.float64), present, kernel, sample=name.startswith("sample")
    )
    return [(np.sqrt(spread) if name.lower().endswith("stddev") else spread, good)]


def _stacked(
    inputs: list[np.ndarray],
    valid: np.ndarray,
    masks: np.ndarray,
    kernel: FixedKernel,
    reducer: Reducer,
    weighting: str,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Reduce a stack of all neighbours, in strips of rows that bound the memory."""
    offsets = kernel.offsets()
    left, top, right, bottom = kernel.halo
    height = valid.shape[0] - top - bottom
    width = valid.shape[1] - left - right
    rows = max(1, _STACK_PIXELS // max(1, len(offsets) * width))
    parts = []
    for start in range(0, height, rows):
        strip = slice(start, min(start + rows, height) + top + bottom)
        stacks = [
            np.stack([nb.shifted(values[strip], kernel.halo, dx, dy) for dx, dy, _ in offsets])
            for values in inputs
        ]
        weights = np.stack(
            [
                _weight(
                    nb.shifted(valid[strip], kernel.halo, dx, dy),
                    nb.shifted(masks[strip], kernel.halo, dx, dy),
                    weight,
                    weighting,
                )
                for dx, dy, weight in offsets
            ]
        )
        parts.append(reducer.over_arrays(stacks, weights))
    return [
        (
            np.concatenate([np.asarray(part[i][0]) for part in parts]),
            np.concatenate([np.asarray(part[i][1]) for part in parts]),
        )
        for i in range(len(reducer.outputs))
    ]


def _weight(valid: np.ndarray, mask: np.ndarray, kernel: float, weighting: str) -> np.ndarray:
    if weighting == "mask":
        return mask.astype(np.float64)
    if weighting == "min":
        return np.minimum(mask, kernel).astype(np.float64)
    return np.where(valid, abs(kernel), 0.0)


def _entropy(inputs: Arrays, weights: np.ndarray) -> list[Result]:
    """Return -sum p log2 p of the values' frequencies p."""
    order, count = ranked(inputs[0], weights)
    run = np.zeros(order.shape[1:])
    found = np.zeros(order.shape[1:])
    for index in range(len(order)):
        run += index < count
        ends = np.asarray(count) == index + 1
        if index + 1 < len(order):
            ends = ends | ((order[index] != order[index + 1]) & (index < count))
        found += np.where(ends, run * np.log2(np.where(run > 0, run, 1)), 0.0)
        run = np.where(ends, 0.0, run)
    known = np.where(count > 0, count, 1)
    return [(np.log2(known) - found / known, np.asarray(count) > 0)]


_ENTROPY = Reducer(1, ("entropy",), (lambda pixel_type: FLOAT,), _entropy)


@implements("Image.entropy")
@of_scalars("image")
def entropy(image: Image, kernel: Kernel) -> Image:
    """Return the entropy of the values under the kernel, in bits."""
    bands = [
        band
        for source in image.bands
        for band in reduced_window((source,), _ENTROPY, kernel, "kernel", True, [source.name])
    ]
    return replace(image.with_bands(bands), id=None)


@implements("Image.neighborhoodToBands")
def neighborhood_to_bands(image: Image, kernel: Kernel) -> Image:
    """Return each neighbour as a band ``name_x_y``, row by row from the top."""
    bands = []
    for band in image.bands:
        for dx, dy, _ in kernel.fixed.offsets():
            source = Shift(band.source, dx, dy)
            bands.append(Band(f"{band.name}_{dx}_{dy}", band.type, band.projection, source))
    return replace(image.with_bands(bands), id=None)


class Shift(Source):
    """The pixel dx columns to the right and dy rows below."""

    __slots__ = ("dx", "dy")

    def __init__(self, source: Source, dx: int, dy: int):
        super().__init__((source,))
        self.dx, self.dy = dx, dy

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window moved by the offset."""
        return [grid.window(grid.x + self.dx, grid.y + self.dy, grid.width, grid.height)]

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return the moved window as it is."""
        return tiles[0]


@implements("Image.neighborhoodToArray")
@of_scalars("image")
def neighborhood_to_array(image: Image, kernel: Kernel, defaultValue: float) -> Image:
    """Return the neighbourhood as a 2-D array, axis 0 down and axis 1 across."""
    shape = kernel.fixed.weights.shape

    def function(grid: Grid, weights: FixedKernel, tiles: list[Tile]) -> Tile:
        (tile,) = tiles
        values, valid = nb.split(tile, grid.shape)
        filled = np.where(valid, values, values.dtype.type(defaultValue))
        height, width = weights.weights.shape
        cells = [
            nb.shifted(filled, weights.halo, column - weights.x, row - weights.y)
            for row in range(height)
            for column in range(width)
        ]
        data = np.stack(cells, axis=-1).reshape(*cells[0].shape, *shape)
        return Tile(data, centre_mask(tile, weights))

    return replace(
        image.map_bands(
            lambda band: Band(
                band.name,
                replace(band.type, dimensions=2),
                band.projection,
                Windowed(function, (band.source,), kernel),
            )
        ),
        id=None,
    )
