"""Vegetation type of a site, checked against its greenness.

Chang et al. (2022, section II-C) take the vegetation type from a map and reclassify a site whose
growing-season EVI (June to September) disagrees with the other sites of that type: QT08, alpine
meadow on the map, has 0.10 where meadow sites average 0.22 and steppe sites range from 0.09 to
0.16, so it is treated as steppe. The paper gives the example, not the rule; the rule below is the
narrowest one that explains it and moves no other site of the paper's Table I.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def reclassify_by_evi(
    vegetation_type: Sequence[str],
    growing_season_evi: ArrayLike,
    *,
    site: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Reassign sites whose greenness belongs to another vegetation type.

    A site moves to another type if its EVI lies outside the range of the other sites of its own
    type, inside the range of the other type's sites, and nearer to that type's mean. One site
    moves at a time, the one farthest from its own type first, because a misplaced site widens the
    range of the type it is in.

    Parameters
    ----------
    vegetation_type : sequence of str, length n
        Types from the map; "" where unknown (left alone).
    growing_season_evi : array, shape (n,)
        Mean EVI of June to September; NaN where unknown (left alone).
    site : sequence of str, optional
        Names, for the table.

    Returns
    -------
    DataFrame
        One row a site: ``site``, ``mapped_type``, ``evi``, ``vegetation_type`` (after the rule),
        ``reclassified``, ``note``.

    Raises
    ------
    ValueError
        If lengths differ.

    Examples
    --------
    >>> table = reclassify_by_evi(["meadow"] * 4 + ["steppe"] * 3,
    ...                           [0.28, 0.24, 0.19, 0.10, 0.16, 0.13, 0.09])
    >>> table.loc[table.reclassified, ["evi", "vegetation_type"]].values.tolist()
    [[0.1, 'steppe']]
    """
    types = np.asarray(vegetation_type, dtype=object)
    evi = np.asarray(growing_season_evi, dtype=float)
    if types.shape != evi.shape or (site is not None and len(site) != types.size):
        raise ValueError(
            f"{types.size} vegetation types, {evi.size} EVI values"
            + ("" if site is None else f" and {len(site)} names")
            + "; expected one of each per site"
        )
    mapped = types.copy()
    notes = np.full(types.shape, "", dtype=object)
    movable = np.isfinite(evi) & (types != "")
    while (move := _farthest_misplaced(types, evi, movable)) is not None:
        index, target, own_mean, target_range = move
        notes[index] = (
            f"EVI {evi[index]:.2f} against {own_mean:.2f} at the other {types[index]} sites; "
            f"{target} sites have {target_range[0]:.2f} to {target_range[1]:.2f}"
        )
        types[index] = target
        # Each site moves once, so the loop ends.
        movable[index] = False
    return pd.DataFrame(
        {
            "site": list(site) if site is not None else [str(i) for i in range(types.size)],
            "mapped_type": mapped,
            "evi": evi,
            "vegetation_type": types,
            "reclassified": types != mapped,
            "note": notes,
        }
    )


def _farthest_misplaced(
    types: np.ndarray, evi: np.ndarray, movable: np.ndarray
) -> tuple[int, str, float, tuple[float, float]] | None:
    known = np.isfinite(evi) & (types != "")
    best = None
    for index in np.flatnonzero(movable):
        others = known & (types == types[index])
        others[index] = False
        # With fewer than two others there is no range to be outside of.
        if others.sum() < 2 or evi[others].min() <= evi[index] <= evi[others].max():
            continue
        own_mean = evi[others].mean()
        distance = abs(evi[index] - own_mean)
        for target in sorted(set(types[known]) - {types[index]}):
            there = evi[known & (types == target)]
            if not there.min() <= evi[index] <= there.max():
                continue
            if abs(evi[index] - there.mean()) >= distance:
                continue
            if best is None or distance > best[0]:
                extent = (float(there.min()), float(there.max()))
                best = (distance, int(index), target, float(own_mean), extent)
    return None if best is None else best[1:]
