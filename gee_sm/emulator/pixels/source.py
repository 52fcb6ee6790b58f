"""Where pixels come from: the nodes of the pull model.

A source knows which sources it reads and which pixels of them it needs for a window of its own.
It never runs by itself: :mod:`gee_sm.emulator.pixels.plan` asks all sources of a request for
their demands first, computes each once over the union of what its readers want, and drops it
when the last reader is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gee_sm.emulator.pixels.array_pixels import is_ragged, over_arrays
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.tile import Mask, Tile, empty, intersect


class Source:
    """A node that yields one tile for any grid.

    Attributes
    ----------
    inputs : tuple of Source
        The sources it reads.
    beside : tuple of Source
        Sources to be computed next to this one if they are wanted, because they share inputs. They
        never depend on what depends on this one.
    """

    __slots__ = ("inputs",)
    beside: tuple[Source, ...] = ()

    def __init__(self, inputs: Sequence[Source] = ()):
        self.inputs = tuple(inputs)

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window wanted of each input, None for an input that is not needed."""
        return [grid] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return this source's tile over the grid, given what it demanded."""
        raise NotImplementedError


class Constant(Source):
    """The same value everywhere."""

    __slots__ = ("tile",)

    def __init__(self, value: np.ndarray, mask: np.ndarray | None = None):
        super().__init__()
        self.tile = Tile(value, mask)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return the constant; it broadcasts over any grid."""
        return self.tile


class Pixelwise(Source):
    """A function of the values at one pixel; valid where all its inputs are.

    ``masks_nan`` turns results that are not numbers into masked pixels.
    """

    __slots__ = ("dtype", "function", "masks_nan")

    def __init__(
        self,
        function: Callable[..., np.ndarray],
        inputs: Sequence[Source],
        dtype: np.dtype,
        *,
        masks_nan: bool = False,
    ):
        super().__init__(inputs)
        self.function = function
        self.dtype = np.dtype(dtype)
        self.masks_nan = masks_nan

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Apply the function where there is anything to apply it to."""
        if any(tile.is_empty for tile in tiles):
            return empty(self.dtype)
        if any(is_ragged(tile) for tile in tiles):
            with np.errstate(all="ignore"):
                return over_arrays(self._values, tiles, self.dtype)
        with np.errstate(all="ignore"):
            data, valid = self._values(*(tile.data for tile in tiles))
        return Tile(data, intersect(*(tile.mask for tile in tiles), valid))

    def _values(self, *datas: np.ndarray) -> tuple[np.ndarray, Mask]:
        data = np.asarray(self.function(*datas))
        if data.dtype != self.dtype:
            # A boolean is stored as the byte 0 or 1, which is what it is cast to.
            as_is = data.dtype == bool and self.dtype == np.uint8
            data = data.view(np.uint8) if as_is else data.astype(self.dtype)
        if self.masks_nan:
            invalid = np.isnan(data)
            if data.ndim > 2:  # a pixel whose array has one such element
                invalid = invalid.any(axis=tuple(range(2, data.ndim)))
            if invalid.any():
                return data, ~invalid
        return data, None


class Masking(Source):
    """A function of whole tiles at one pixel, for operators with rules of their own on masks."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Tile], inputs: Sequence[Source]):
        super().__init__(inputs)
        self.function = function

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Apply the function to the tiles."""
        with np.errstate(all="ignore"):
            return self.function(*tiles)


class Shared(Source):
    """A computation with several results, read one by one through :class:`Pick`.

    The function gets the grid and the list of tiles, and returns a tuple of tiles.
    """

    __slots__ = ("function", "halo")

    def __init__(
        self,
        function: Callable[[Grid, list[Tile]], tuple[Tile, ...]],
        inputs: Sequence[Source],
        halo: tuple[int, int, int, int] = (0, 0, 0, 0),
    ):
        super().__init__(inputs)
        self.function = function
        self.halo = halo

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window grown by the halo (left, top, right, bottom)."""
        return [grid.padded(*self.halo) if any(self.halo) else grid] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> tuple[Tile, ...]:  # type: ignore[override]
        """Return all results."""
        with np.errstate(all="ignore"):
            return self.function(grid, tiles)


class Pick(Source):
    """One result of a shared computation."""

    __slots__ = ("index",)

    def __init__(self, shared: Shared, index: int):
        super().__init__((shared,))
        self.index = index

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return the picked result."""
        return tiles[0][self.index]


class Neighbourhood(Source):
    """A function of the pixels around each pixel.

    The function gets the grid and the tiles over the grid grown by ``halo`` (left, top, right,
    bottom pixels), and returns the tile over the grid itself.
    """

    __slots__ = ("function", "halo")

    def __init__(
        self,
        function: Callable[[Grid, list[Tile]], Tile],
        inputs: Sequence[Source],
        halo: tuple[int, int, int, int],
    ):
        super().__init__(inputs)
        self.function = function
        self.halo = halo

    def demand(self, grid: Grid) -> list[Grid | None]:
        """Return the window grown by the halo."""
        return [grid.padded(*self.halo)] * len(self.inputs)

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Apply the function to the grown tiles."""
        with np.errstate(all="ignore"):
            return self.function(grid, tiles)


class Positional(Source):
    """A function of the grid alone, such as the coordinates of its pixels."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Grid], Tile]):
        super().__init__()
        self.function = function

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Apply the function to the grid."""
        return self.function(grid)
