"""The levels of an image's pyramid: four pixels become one."""

from __future__ import annotations

import numpy as np

from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.pixels.zeroing import kept


def parent(tile: Tile, policy: str) -> Tile:
    """Return the next level of a tile.

    Parameters
    ----------
    tile : Tile
        With even sides and float32 weights.
    policy : str
        Pyramiding policy: MEAN, MODE, SAMPLE, MIN, MAX or MEDIAN.
    """
    blocks = [tile.data[i::2, j::2] for i in (0, 1) for j in (0, 1)]
    weights = [tile.mask[i::2, j::2] for i in (0, 1) for j in (0, 1)]
    if policy == "SAMPLE":
        return Tile(blocks[0], weights[0])
    total = (weights[0] + weights[1]) + (weights[2] + weights[3])
    if policy == "MEAN":
        data = _sum_of_products(blocks, weights)
        data /= total + (total == 0)
    else:
        data = _chosen(np.stack(blocks), np.stack(weights), policy)
    mask = total / 4
    data = kept(data, mask > 0, in_place=True)
    if tile.data.dtype.kind in "iu":
        data = np.rint(data)
    return Tile(data.astype(tile.data.dtype), mask)


def _sum_of_products(blocks: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    """Return the weighted sum of four pixels in doubles, the two of a row first."""
    products = [
        np.multiply(block, weight, dtype=np.float64)
        for block, weight in zip(blocks, weights, strict=True)
    ]
    products[0] += products[1]
    products[2] += products[3]
    products[0] += products[2]
    return products[0]


def _chosen(blocks: np.ndarray, weights: np.ndarray, policy: str) -> np.ndarray:
    """Return the least, the greatest, the middle or the most frequent of four valid pixels."""
    values = blocks.astype(np.float64)
    if policy == "MIN":
        return np.where(weights > 0, values, np.inf).min(axis=0)
    if policy == "MAX":
        return np.where(weights > 0, values, -np.inf).max(axis=0)
    if policy == "MEDIAN":
        with np.errstate(all="ignore"):
            ranked = np.sort(np.where(weights > 0, values, np.nan), axis=0)
        count = (weights > 0).sum(axis=0)
        low, high = np.maximum((count - 1) // 2, 0), count // 2
        pick = np.take_along_axis(ranked, np.stack([low, np.minimum(high, 3)]), axis=0)
        return pick.mean(axis=0)
    score = np.stack([((blocks == value) * weights).sum(axis=0) for value in blocks])
    return np.take_along_axis(values, score.argmax(axis=0)[None], axis=0)[0]
