"""Land cover in the classes of ESA WorldCover."""

from __future__ import annotations

import numpy as np

from gee_sm.sample.random_field import RandomField, random_stream
from gee_sm.sample.region import scene_grid
from gee_sm.sample.terrain import Relief

__all__ = [
    "BARE",
    "BUILT_UP",
    "CROPLAND",
    "GRASSLAND",
    "NOT_RETRIEVABLE",
    "TREE_COVER",
    "WATER",
    "WETLAND",
    "LandCover",
]

TREE_COVER = 10
GRASSLAND = 30
CROPLAND = 40
BUILT_UP = 50
BARE = 60
WATER = 80
WETLAND = 90

NOT_RETRIEVABLE = (TREE_COVER, CROPLAND, BUILT_UP, WATER)
"""Classes whose backscatter says nothing of soil moisture; the paper masks them."""

_BARE_BELOW_NDVI = 0.2
_WETLAND_ABOVE = 0.27


class LandCover:
    """Lake, forest, town and fields at fixed places; grass and bare ground by greenness.

    Parameters
    ----------
    seed : int
        The sample's seed.
    """

    def __init__(self, seed: int) -> None:
        random = random_stream(seed, "land cover")
        self._edge = RandomField.gaussian(random, length=350.0)
        self._west, self._south, self._east, self._north = scene_grid().bounds
        self._town = (0.60 + 0.02 * random.uniform(-1, 1), 0.33 + 0.02 * random.uniform(-1, 1))
        self._forest = (0.80 + 0.03 * random.uniform(-1, 1), 0.74 + 0.03 * random.uniform(-1, 1))
        self._gravel = (0.13 + 0.02 * random.uniform(-1, 1), 0.80 + 0.03 * random.uniform(-1, 1))

    def at(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        relief: Relief,
        ndvi: np.ndarray,
        soil_moisture: np.ndarray,
    ) -> np.ndarray:
        """Return the class at coordinates in metres (UTM 46N).

        Parameters
        ----------
        x, y : ndarray
            Coordinates, broadcast against each other.
        relief : Relief
            Terrain there.
        ndvi : ndarray
            Greenness of the open land at its yearly peak.
        soil_moisture : ndarray
            Mean of the thawing season in m3 m-3.

        Returns
        -------
        ndarray of uint8
            WorldCover classes.
        """
        classes = np.where(ndvi < _BARE_BELOW_NDVI, BARE, GRASSLAND)
        classes = np.where(soil_moisture > _WETLAND_ABOVE, WETLAND, classes)
        distorted = 1 + 0.15 * self._edge(x, y)
        fields = self._distance(x, y, self._town, 1150.0, 850.0) < distorted
        classes = np.where(fields & (relief.slope < 15), CROPLAND, classes)
        classes = np.where(
            self._distance(x, y, self._forest, 900.0, 700.0) < distorted, TREE_COVER, classes
        )
        classes = np.where(
            self._distance(x, y, self._town, 380.0, 280.0) < distorted, BUILT_UP, classes
        )
        return np.where(relief.lake_distance < 1, WATER, classes).astype(np.uint8)

    def subsurface_scattering(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return where dry gravel scatters from below, so that backscatter falls when it thaws.

        Such anomalies of arid ground are why the paper masks negative differences.
        """
        return self._distance(x, y, self._gravel, 330.0, 240.0) < 1 + 0.1 * self._edge(x, y)

    def _distance(
        self, x: np.ndarray, y: np.ndarray, place: tuple[float, float], across: float, along: float
    ) -> np.ndarray:
        """Return the distance from a place in the region in units of the given half axes."""
        centre_x = self._west + place[0] * (self._east - self._west)
        centre_y = self._south + place[1] * (self._north - self._south)
        return np.hypot((x - centre_x) / across, (y - centre_y) / along)
