"""The ground truth: everything the satellites look at, at any place and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gee_sm.sample.land_cover import NOT_RETRIEVABLE, LandCover
from gee_sm.sample.soil_moisture import SoilMoisture, SoilMoisturePattern
from gee_sm.sample.terrain import Relief, Terrain
from gee_sm.sample.vegetation import Vegetation, VegetationPattern

__all__ = ["Ground", "Places"]


@dataclass(frozen=True)
class Places:
    """What is at some places, whatever the time; arrays of the shape that x and y broadcast to.

    Parameters
    ----------
    x, y : ndarray
        Coordinates in metres (UTM 46N); of a raster, a row and a column.
    relief : Relief
        Terrain.
    moisture : SoilMoisturePattern
        Spatial part of soil moisture.
    vegetation : VegetationPattern
        Indices of the open land.
    land_cover : ndarray of uint8
        WorldCover classes.
    subsurface_scattering : ndarray of bool
        Where thawing darkens the radar image.
    """

    x: np.ndarray
    y: np.ndarray
    relief: Relief
    moisture: SoilMoisturePattern
    vegetation: VegetationPattern
    land_cover: np.ndarray
    subsurface_scattering: np.ndarray

    @property
    def retrievable(self) -> np.ndarray:
        """Where the land cover lets backscatter tell soil moisture."""
        return ~np.isin(self.land_cover, NOT_RETRIEVABLE)


class Ground:
    """The sample's truth, a function of place and time drawn from a seed.

    Parameters
    ----------
    seed : int
        The sample's seed, not negative.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from gee_sm.sample.region import scene_grid
    >>> ground, grid = Ground(1), scene_grid(100)
    >>> places = ground.at(grid.x, grid.y)
    >>> moisture = ground.soil_moisture(places, datetime(2020, 7, 15, tzinfo=UTC))
    >>> bool((moisture > 0.03).all() and (moisture < 0.45).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._terrain = Terrain(seed)
        self._moisture = SoilMoisture(seed)
        self._vegetation = Vegetation(seed)
        self._land_cover = LandCover(seed)

    def at(self, x: np.ndarray, y: np.ndarray) -> Places:
        """Return what is at coordinates in metres (UTM 46N), broadcast against each other."""
        relief = self._terrain.at(x, y)
        moisture = self._moisture.pattern(x, y, relief)
        vegetation = self._vegetation.pattern(x, y, moisture)
        land_cover = self._land_cover.at(
            x, y, relief=relief, ndvi=vegetation.ndvi, soil_moisture=moisture.mean
        )
        scattering = self._land_cover.subsurface_scattering(x, y)
        return Places(
            x=x,
            y=y,
            relief=relief,
            moisture=moisture,
            vegetation=vegetation,
            land_cover=land_cover,
            subsurface_scattering=scattering & ~np.isin(land_cover, NOT_RETRIEVABLE),
        )

    def elevation(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the elevation in metres at coordinates in metres (UTM 46N)."""
        return self._terrain.elevation(x, y)

    def soil_moisture(self, places: Places, time: datetime) -> np.ndarray:
        """Return volumetric soil moisture in m3 m-3 in the unfrozen season."""
        return self._moisture.at(places.moisture, time)

    def open_land_indices(self, places: Places, time: datetime) -> tuple[np.ndarray, np.ndarray]:
        """Return NDVI and NDMI that open land has there."""
        anomaly = self.soil_moisture(places, time) - places.moisture.mean
        return self._vegetation.at(places.vegetation, time, anomaly=anomaly)
