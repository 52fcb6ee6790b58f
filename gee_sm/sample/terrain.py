"""Terrain: a lake basin among hills, with a few faces steep enough for layover."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gee_sm.sample.random_field import RandomField, random_stream
from gee_sm.sample.region import scene_grid

__all__ = ["LAKE_LEVEL", "Relief", "Setting", "Terrain"]

LAKE_LEVEL = 4560.0
"""Elevation of the lake's surface in metres."""

_LAKE_AXES = (1150.0, 800.0)
_BASIN_HEIGHT = 150.0
_HILL_SLOPE = math.tan(math.radians(12.0))
_MASSIF = (0.87, 0.22)
_MASSIF_RADIUS = 900.0
_MASSIF_RUGGEDNESS = 2.2
_VALLEY_ROUNDING = 25.0
_NEIGHBOURHOOD = 300.0


@dataclass(frozen=True)
class Relief:
    """What terrain is at some places; all arrays have the shape of the places.

    Parameters
    ----------
    elevation : ndarray
        Metres above sea level.
    slope, aspect : ndarray
        Degrees; aspect is the direction the slope faces, clockwise from north.
    lake_distance : ndarray
        Distance from the lake's centre in units of its radius: below 1 is water.
    hilliness : ndarray
        0 in the plain to 1 in the hills.
    position : ndarray
        Height above the surrounding 300 m in standard deviations: ridges above, hollows below 0.
    """

    elevation: np.ndarray
    slope: np.ndarray
    aspect: np.ndarray
    lake_distance: np.ndarray
    hilliness: np.ndarray
    position: np.ndarray


@dataclass(frozen=True)
class Setting:
    """The part of the relief on which wetness depends; as in :class:`Relief`."""

    lake_distance: np.ndarray
    hilliness: np.ndarray
    position: np.ndarray


class Terrain:
    """Elevation of the sample region and its surroundings.

    Parameters
    ----------
    seed : int
        The sample's seed.

    Examples
    --------
    >>> from gee_sm.sample.region import scene_grid
    >>> grid = scene_grid(100)
    >>> relief = Terrain(1).at(grid.x, grid.y)
    >>> relief.elevation.shape == grid.shape
    True
    """

    def __init__(self, seed: int) -> None:
        random = random_stream(seed, "terrain")
        west, south, east, north = scene_grid().bounds
        self._lake = (
            west + (0.33 + 0.04 * random.uniform(-1, 1)) * (east - west),
            south + (0.42 + 0.04 * random.uniform(-1, 1)) * (north - south),
        )
        self._massif = (
            west + _MASSIF[0] * (east - west),
            south + _MASSIF[1] * (north - south),
        )
        self._shore = RandomField.gaussian(random, length=500.0)
        self._hills = RandomField.power_law(random, shortest=500, longest=5000, exponent=1.25)
        self._hill_height = _HILL_SLOPE / self._hills.gradient_rms
        self._local = self._difference(self._hills, self._hills.smoothed(_NEIGHBOURHOOD))
        self._local_rms = float(np.sqrt(np.sum(self._local.amplitudes**2) / 2))

    def elevation(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the elevation in metres at coordinates in metres (UTM 46N)."""
        distance = self._lake_distance(x, y)
        basin = _BASIN_HEIGHT * np.tanh((distance - 1) / 2.5)
        hills = self._hill_height * self._hills(x, y) * self._ruggedness(x, y, distance)
        # A smooth maximum: valley floors fill with sediment instead of falling below the lake.
        floor = -0.8 * np.maximum(basin, 0)
        hills = floor + _VALLEY_ROUNDING * np.logaddexp(0, (hills - floor) / _VALLEY_ROUNDING)
        rounding = _VALLEY_ROUNDING * np.logaddexp(0, -floor / _VALLEY_ROUNDING) + floor
        return np.maximum(LAKE_LEVEL + basin + hills - rounding, LAKE_LEVEL)

    def at(self, x: np.ndarray, y: np.ndarray) -> Relief:
        """Return the terrain at coordinates in metres (UTM 46N).

        Parameters
        ----------
        x, y : ndarray
            Coordinates, broadcast against each other.

        Returns
        -------
        Relief
            Slope and aspect are central differences over 20 m.
        """
        step = 10.0
        eastward = (self.elevation(x + step, y) - self.elevation(x - step, y)) / (2 * step)
        northward = (self.elevation(x, y + step) - self.elevation(x, y - step)) / (2 * step)
        setting = self.setting(x, y)
        return Relief(
            elevation=self.elevation(x, y),
            slope=np.degrees(np.arctan(np.hypot(eastward, northward))),
            aspect=np.degrees(np.arctan2(-eastward, -northward)) % 360,
            lake_distance=setting.lake_distance,
            hilliness=setting.hilliness,
            position=setting.position,
        )

    def setting(self, x: np.ndarray, y: np.ndarray) -> Setting:
        """Return what wetness depends on, at coordinates in metres (UTM 46N)."""
        distance = self._lake_distance(x, y)
        hilliness = self._hilliness(distance)
        return Setting(distance, hilliness, self._local(x, y) / self._local_rms * hilliness)

    def _lake_distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        (centre_x, centre_y), (across, along) = self._lake, _LAKE_AXES
        return np.hypot((x - centre_x) / across, (y - centre_y) / along) + 0.13 * self._shore(x, y)

    def _ruggedness(self, x: np.ndarray, y: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return how much the hills are raised: most in the massif, where layover happens."""
        squared = (x - self._massif[0]) ** 2 + (y - self._massif[1]) ** 2
        massif = np.exp(-squared / (2 * _MASSIF_RADIUS**2))
        return self._hilliness(distance) * (1 + _MASSIF_RUGGEDNESS * massif)

    @staticmethod
    def _hilliness(distance: np.ndarray) -> np.ndarray:
        ramp = np.clip((distance - 1.3) / 1.7, 0, 1)
        return ramp**2 * (3 - 2 * ramp)

    @staticmethod
    def _difference(one: RandomField, other: RandomField) -> RandomField:
        return RandomField(one.wave_numbers, one.phases, one.amplitudes - other.amplitudes)
