"""Pixels that are arrays: one call for all pixels whose arrays have the same lengths.

A tile of arrays has the arrays' axes behind rows and columns. Where lengths differ from pixel to
pixel, its data has the dtype ``object`` and holds one numpy array for each pixel. Functions never
see that: pixels are put into groups of equal lengths, a group looks like a tile of one column, and
the results are put together again. A pixel's result depends on nothing but the pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gee_sm.emulator.pixels.tile import Tile, empty, intersect
from gee_sm.emulator.pixels.zeroing import selected

Computed = np.ndarray | tuple[np.ndarray, np.ndarray]


def is_ragged(tile: Tile) -> bool:
    """Whether the lengths of a tile's arrays differ from pixel to pixel."""
    return tile.data.dtype == object


def over_arrays(
    function: Callable[..., Computed],
    tiles: Sequence[Tile],
    dtype: np.dtype,
    parameters: Sequence[Tile] = (),
    *,
    optional: bool = False,
) -> Tile:
    """Apply a function to the arrays of each pixel.

    Parameters
    ----------
    function : callable
        ``(*data, *parameters) -> data`` or ``-> (data, valid)``. Data has the axes (rows, columns,
        lengths ...); ``valid`` (rows, columns).
    tiles : sequence of Tile
        The operands; the result is valid where all of them are.
    dtype : dtype
        Of the result.
    parameters : sequence of Tile
        Operands that the function needs as one value for all its pixels: a number, or a numpy
        array for an array pixel. It is called apart for each combination that occurs.
    optional : bool
        A masked parameter is handed over as None, instead of masking the result.

    Returns
    -------
    Tile
        Ragged if the results differ in their lengths.
    """
    if any(tile.is_empty for tile in tiles):
        return empty(dtype)
    if not optional and any(tile.is_empty for tile in parameters):
        return empty(dtype)
    masks = [tile.mask for tile in tiles]
    if not optional:
        masks += [tile.mask for tile in parameters]
    shape = _pixel_shape([*tiles, *parameters], masks if parameters or _any_ragged(tiles) else [])
    datas = [_at_shape(tile.data, shape) for tile in tiles]
    codes = [_lengths(data) for data in datas if data.dtype == object]
    codes += [_codes(tile, shape, optional) for tile in parameters]
    codes = [code for code in codes if code is not None]
    if not codes:
        chosen = [_parameter(tile, shape, 0, optional) for tile in parameters]
        found = function(*datas, *chosen)
        data, valid = found if isinstance(found, tuple) else (found, None)
        return Tile(data.astype(dtype, copy=False), intersect(*masks, valid))
    _, first, inverse = np.unique(
        np.stack(codes, axis=1), axis=0, return_index=True, return_inverse=True
    )
    inverse = inverse.ravel()
    parts, valids, members = [], [], []
    for group, example in enumerate(first):
        pixels = np.flatnonzero(inverse == group)
        chosen = [_parameter(tile, shape, int(example), optional) for tile in parameters]
        found = function(*(_members(data, pixels) for data in datas), *chosen)
        data, valid = found if isinstance(found, tuple) else (found, None)
        data = np.broadcast_to(data, (len(pixels), 1, *data.shape[2:]))[:, 0]
        parts.append(data.astype(dtype, copy=False))
        if valid is not None:
            valid = np.broadcast_to(valid, (len(pixels), 1))[:, 0]
        valids.append(valid)
        members.append(pixels)
    result = _joined(parts, members, shape, dtype)
    good = None
    if any(valid is not None for valid in valids):
        good = np.ones(shape[0] * shape[1], bool)
        for valid, pixels in zip(valids, members, strict=True):
            if valid is not None:
                good[pixels] = valid
        good = good.reshape(shape)
    return Tile(result, intersect(*masks, good))


def chosen(condition: np.ndarray, new: np.ndarray, old: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return the data of one tile where a condition holds, and of another where not.

    Arrays may differ in their lengths; a number in place of an array fills the old one.

    Parameters
    ----------
    condition : ndarray of bool, shape broadcastable to (rows, columns)
    new, old : ndarray
        Data of tiles.
    dtype : dtype
        Of the result's numbers.
    """
    if new.dtype != object and old.dtype != object and (max(new.ndim, old.ndim) <= 2):
        return selected(condition, new.astype(dtype, copy=False), old.astype(dtype, copy=False))
    shape = np.broadcast_shapes(condition.shape, *(_rows_and_columns(d) for d in (new, old)))
    shape = (1, 1) if len(shape) < 2 else shape
    condition = np.broadcast_to(condition, shape)
    new, old = _at_shape(new, shape), _at_shape(old, shape)
    if new.dtype != object and old.dtype != object and (new.ndim == 2 or new.shape == old.shape):
        behind = (1,) * (old.ndim - 2)
        new = new.reshape(new.shape[:2] + behind) if new.ndim == 2 else new
        return np.where(condition.reshape(shape + behind), new, old).astype(dtype, copy=False)
    if condition.all() and (new.dtype == object or new.ndim > 2):
        return typed(new, dtype)
    if not condition.any():
        return typed(old, dtype)
    ragged = np.empty(shape, object)
    for place in np.ndindex(*shape):
        if not condition[place]:
            ragged[place] = np.asarray(old[place]).astype(dtype)
        elif np.ndim(new[place]):
            ragged[place] = np.asarray(new[place]).astype(dtype)
        else:
            ragged[place] = np.full(np.shape(old[place]), new[place], dtype)
    return ragged


def _rows_and_columns(data: np.ndarray) -> tuple[int, ...]:
    return data.shape[:2] if data.ndim >= 2 else ()


def typed(data: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return the data of a tile in a type; arrays of different lengths stay objects."""
    if data.dtype != object:
        return data.astype(dtype, copy=False)
    found = np.empty(data.shape, object)
    for place, item in np.ndenumerate(data):
        found[place] = item.astype(dtype)
    return found


def _any_ragged(tiles: Sequence[Tile]) -> bool:
    return any(is_ragged(tile) for tile in tiles)


def _pixel_shape(tiles: Sequence[Tile], masks: Sequence[np.ndarray | None]) -> tuple[int, int]:
    shapes = [tile.data.shape[:2] if tile.data.ndim >= 2 else (1, 1) for tile in tiles]
    shapes += [tile.mask.shape for tile in tiles if tile.mask is not None and tile.mask.ndim]
    shapes += [mask.shape for mask in masks if mask is not None and mask.ndim]
    rows, columns = np.broadcast_shapes(*shapes)
    return rows, columns


def _at_shape(data: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    if data.ndim < 2:
        data = data.reshape(1, 1)
    return np.broadcast_to(data, shape + data.shape[2:])


def _members(data: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the arrays of some pixels as a tile of one column."""
    flat = data.reshape(-1, *data.shape[2:])[pixels]
    if data.dtype == object:
        flat = np.stack(list(flat))
    return flat[:, None]


def _lengths(data: np.ndarray) -> np.ndarray:
    """Return a number for each pixel, equal where the arrays have equal lengths."""
    known: dict[tuple[int, ...], int] = {}
    return np.array([known.setdefault(item.shape, len(known)) for item in data.flat])


def _codes(tile: Tile, shape: tuple[int, int], optional: bool) -> np.ndarray | None:
    """Return a number for each pixel, equal where the parameter is; None if it never varies."""
    masked = optional and tile.mask is not None
    if tile.data.size <= 1 and tile.data.dtype != object and not (masked and tile.mask.ndim):
        return None
    data = _at_shape(tile.data, shape)
    if data.dtype == object:
        known: dict[tuple[tuple[int, ...], bytes], int] = {}
        codes = np.array(
            [known.setdefault((item.shape, item.tobytes()), len(known)) for item in data.flat]
        )
    else:
        rows = data.reshape(shape[0] * shape[1], -1)
        codes = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    if masked:
        codes = np.where(tile.valid(shape).ravel(), codes, -1)
    return codes


def _parameter(
    tile: Tile, shape: tuple[int, int], pixel: int, optional: bool
) -> float | np.ndarray | None:
    if optional and (tile.is_empty or not tile.valid(shape).ravel()[pixel]):
        return None
    data = _at_shape(tile.data, shape)
    value = data.reshape(-1, *data.shape[2:])[pixel]
    return value if isinstance(value, np.ndarray) and value.ndim else value.item()


def _joined(
    parts: list[np.ndarray], members: list[np.ndarray], shape: tuple[int, int], dtype: np.dtype
) -> np.ndarray:
    lengths = {part.shape[1:] for part in parts}
    if len(lengths) == 1:
        (one,) = lengths
        data = np.zeros((shape[0] * shape[1], *one), dtype)
        for part, pixels in zip(parts, members, strict=True):
            data[pixels] = part
        return data.reshape(*shape, *one)
    ragged = np.empty(shape[0] * shape[1], object)
    for part, pixels in zip(parts, members, strict=True):
        for pixel, item in zip(pixels, part, strict=True):
            ragged[pixel] = item
    return ragged.reshape(shape)
