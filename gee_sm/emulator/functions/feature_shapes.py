"""The shapes of many features, and which of them meet a tile."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.values.geometry import Geometry, shapes_in_crs


class FeatureShapes:
    """Geometries in the system of the tiles that are asked for, found by their bounding boxes.

    They are brought into a system once for all of its tiles.
    """

    def __init__(self, geometries: Sequence[Geometry]):
        self._geometries = geometries
        self._lock = threading.Lock()
        self._crs: str | None = None
        self._tree = shapely.STRtree([])

    def near(self, grid: Grid, margin: float = 0.0) -> list[tuple[int, BaseGeometry]]:
        """Return the number and shape of each geometry that may meet a tile, in their order.

        Parameters
        ----------
        grid : Grid
            The tile.
        margin : float
            Pixels around it in which a geometry is wanted too.
        """
        pixels = math.ceil(margin) + 1  # a corner may be off by its last digit
        box = shapely.box(*grid.padded(*(pixels,) * 4).bounds())
        tree = self._shapes(grid.lattice.crs)
        return [(int(i), tree.geometries[i]) for i in np.sort(tree.query(box))]

    def _shapes(self, crs: str) -> shapely.STRtree:
        with self._lock:
            if self._crs != crs:
                shapes_in_crs(self._geometries, crs)  # together, and kept with each
                self._tree = shapely.STRtree([g.in_crs(crs) for g in self._geometries])
                self._crs = crs
            return self._tree
