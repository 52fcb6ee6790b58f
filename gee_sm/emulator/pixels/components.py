"""Connected pixels of one value."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

EIGHT = ((-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1))
# Of more values than that one graph of all pixels is faster than a search for each value.
_FEW_VALUES = 64
FOUR = ((0, -1), (-1, 0), (1, 0), (0, 1))


def label(
    values: np.ndarray, valid: np.ndarray, neighbours: Iterable[tuple[int, int]]
) -> np.ndarray:
    """Number the components of equal values.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    valid : ndarray of bool, shape (rows, columns)
        Other pixels belong to no component.
    neighbours : iterable of (int, int)
        Offsets (columns to the right, rows down) at which pixels are connected.

    Returns
    -------
    ndarray of int, shape (rows, columns)
        Components from 0 in the order of their first pixels, -1 outside.
    """
    offsets = {max(offset, (-offset[0], -offset[1])) for offset in neighbours}
    distinct = np.unique(values[valid])
    # NaN, which equals no pixel and not itself, is an object of its own: the search would miss it.
    few = len(distinct) <= _FEW_VALUES and not np.isnan(distinct).any()
    if few and all(abs(x) <= 1 and abs(y) <= 1 for x, y in offsets):
        found = _labelled_by_value(values, valid, distinct, offsets)
    else:
        found = _labelled_by_graph(values, valid, offsets)
    order, first = np.unique(found[found >= 0], return_index=True)
    number = np.full(found.max(initial=-1) + 2, -1)
    number[order[np.argsort(first)]] = np.arange(len(order))
    return number[found]


def _labelled_by_value(
    values: np.ndarray, valid: np.ndarray, distinct: np.ndarray, offsets: set[tuple[int, int]]
) -> np.ndarray:
    """Return numbers of components, in no order, by a search for each value."""
    structure = np.zeros((3, 3), bool)
    for dx, dy in (*offsets, (0, 0)):
        structure[1 + dy, 1 + dx] = structure[1 - dy, 1 - dx] = True
    found = np.full(values.shape, -1)
    count = 0
    for value in distinct:
        labels, more = ndimage.label((values == value) & valid, structure)
        found = np.where(labels > 0, labels + (count - 1), found)
        count += more
    return found


def _labelled_by_graph(
    values: np.ndarray, valid: np.ndarray, offsets: set[tuple[int, int]]
) -> np.ndarray:
    """Return numbers of components, in no order, by one graph of all pixels."""
    height, width = values.shape
    index = np.arange(height * width).reshape(height, width)
    starts, ends = [], []
    for dx, dy in offsets:
        rows = slice(max(0, -dy), height - max(0, dy))
        columns = slice(max(0, -dx), width - max(0, dx))
        rows_on = slice(max(0, dy), height + min(0, dy))
        columns_on = slice(max(0, dx), width + min(0, dx))
        same = (
            (values[rows, columns] == values[rows_on, columns_on])
            & valid[rows, columns]
            & valid[rows_on, columns_on]
        )
        starts.append(index[rows, columns][same])
        ends.append(index[rows_on, columns_on][same])
    start = np.concatenate(starts) if starts else np.zeros(0, int)
    end = np.concatenate(ends) if ends else np.zeros(0, int)
    graph = coo_array((np.ones(len(start), bool), (start, end)), shape=(index.size,) * 2)
    _, found = connected_components(graph, directed=False)
    return np.where(valid.ravel(), found, -1).reshape(height, width)
