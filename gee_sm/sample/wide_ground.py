"""The ground of the wide region: what is at a place, whatever the day.

Inside the scenes it is their ground. Towards the outside, ranges and basins of tens of kilometres
and soils of different texture join in, which make whole regions wetter or drier; the hills of the
basin fade, so that a terrain model of 3 x 3 degrees stays small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gee_sm.sample.random_field import RandomField, random_stream
from gee_sm.sample.soil_moisture import SoilMoisture, SoilMoisturePattern
from gee_sm.sample.terrain import LAKE_LEVEL, Setting, Terrain
from gee_sm.sample.vegetation import Vegetation
from gee_sm.sample.wide_region import TRUTH_GRID, basin_weight

__all__ = [
    "GROUND_PARAMETERS",
    "VEGETATION_TYPES",
    "GroundMaps",
    "WideGround",
    "annual_temperature",
    "vegetation_type",
]

VEGETATION_TYPES = ("alpine steppe", "alpine meadow", "alpine swamp meadow")
"""From dry to wet; their numbers on the map are 1, 2 and 3."""

_WETTER_THAN = (0.145, 0.205)
_ELEVATION = 4650.0
_ELEVATION_SPREAD = 170.0
_LAPSE = -0.006
_ANNUAL_TEMPERATURE = -1.5
_WETNESS = {"shift": 0.35, "elevation": -0.55, "clay": 0.55, "region": 0.70, "valley": 0.75}
_LOCAL_SHARE = 0.35
_CLAY = (18.0, 5.0)
_SAND = (60.0, -6.0, 4.0)
_POINTS_PER_CELL = 5
_STEPS = {"mean": 2**-14, "response": 2**-12, "elevation": 0.125, "ndvi": 2**-12, "percent": 0.125}

GROUND_PARAMETERS = {
    "vegetation_types": dict(enumerate(VEGETATION_TYPES, start=1)),
    "mean_soil_moisture_between_types": list(_WETTER_THAN),
    "wetness_logits": _WETNESS,
    "share_of_the_variety_within_a_kilometre": _LOCAL_SHARE,
    "temperature_lapse_k_per_m": _LAPSE,
    "annual_temperature_degc": {"at_m": LAKE_LEVEL, "value": _ANNUAL_TEMPERATURE},
    "clay_percent": {"mean": _CLAY[0], "spread": _CLAY[1]},
    "sand_percent": {"mean": _SAND[0], "by_clay": _SAND[1], "own": _SAND[2]},
}
"""What the truth folder says of the ground."""


@dataclass(frozen=True)
class GroundMaps:
    """Means over the pixels of :data:`~gee_sm.sample.wide_region.TRUTH_GRID`, shape (y, x) each.

    Parameters
    ----------
    mean : ndarray
        Soil moisture that the season and the weather swing about, m3 m-3.
    response : ndarray
        How strongly soil moisture follows the weather.
    response_contrast : ndarray
        Response times the weight of the spells that differ over kilometres.
    elevation : ndarray
        Metres.
    ndvi : ndarray
        NDVI at its yearly peak.
    clay, sand : ndarray
        Percent by mass at the surface.
    """

    mean: np.ndarray
    response: np.ndarray
    response_contrast: np.ndarray
    elevation: np.ndarray
    ndvi: np.ndarray
    clay: np.ndarray
    sand: np.ndarray


class WideGround:
    """The ground at any place of the wide region.

    Parameters
    ----------
    seed : int
        The sample's seed.
    """

    def __init__(self, seed: int) -> None:
        self._terrain = Terrain(seed)
        self._moisture = SoilMoisture(seed)
        self._vegetation = Vegetation(seed)
        random = random_stream(seed, "wide region")
        self._ranges = RandomField.power_law(random, shortest=15e3, longest=250e3, exponent=1.0)
        self._clay = RandomField.gaussian(random, length=30e3)
        self._sand = RandomField.gaussian(random, length=30e3)
        self._regions = RandomField.gaussian(random, length=45e3)
        self._valleys = RandomField.gaussian(random, length=4.5e3)

    def elevation(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the elevation in metres at coordinates in metres (UTM 46N)."""
        weight = basin_weight(x, y)
        wide = _ELEVATION + _ELEVATION_SPREAD * self._ranges(x, y)
        if (weight == 1).all():
            return wide
        return (1 - weight) * self._terrain.elevation(x, y) + weight * wide

    def moisture(self, x: np.ndarray, y: np.ndarray) -> SoilMoisturePattern:
        """Return the spatial part of surface soil moisture at a point, not a pixel's mean."""
        weight = basin_weight(x, y)
        near = self._terrain.setting(x, y)
        setting = Setting(near.lake_distance, near.hilliness, near.position * (1 - weight))
        wide = weight * (
            _WETNESS["shift"]
            + _WETNESS["elevation"] * self._ranges(x, y)
            + _WETNESS["clay"] * self._clay(x, y)
            + _WETNESS["region"] * self._regions(x, y)
            + _WETNESS["valley"] * self._valleys(x, y)
        )
        share = 1 - (1 - _LOCAL_SHARE) * weight
        return self._moisture.pattern(x, y, setting, wide_wetness=wide, local_share=share)

    def texture(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return clay and sand at the surface in percent by mass."""
        clay = self._clay(x, y)
        sand = _SAND[0] + _SAND[1] * clay + _SAND[2] * self._sand(x, y)
        return np.clip(_CLAY[0] + _CLAY[1] * clay, 2, 60), np.clip(sand, 5, 90)

    def maps(self) -> GroundMaps:
        """Return the ground on the truth's grid, each pixel the mean of 5 x 5 points in it."""
        size = TRUTH_GRID.transform.a / _POINTS_PER_CELL
        rows, columns = (n * _POINTS_PER_CELL for n in TRUTH_GRID.shape)
        x = (TRUTH_GRID.transform.c + size * (np.arange(columns) + 0.5))[None, :]
        y = (TRUTH_GRID.transform.f - size * (np.arange(rows) + 0.5))[:, None]
        pattern = self.moisture(x, y)
        greenness = self._vegetation.pattern(x, y, pattern).ndvi
        clay, sand = self.texture(TRUTH_GRID.x, TRUTH_GRID.y)
        return GroundMaps(
            mean=_rounded(_cells(pattern.mean), "mean"),
            response=_rounded(_cells(pattern.response), "response"),
            response_contrast=_rounded(_cells(pattern.response * pattern.contrast), "response"),
            elevation=_rounded(self._elevation_of_cells(x, y), "elevation"),
            ndvi=_rounded(_cells(greenness), "ndvi"),
            clay=_rounded(clay, "percent"),
            sand=_rounded(sand, "percent"),
        )

    def _elevation_of_cells(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return mean elevation; far from the basin terrain is smooth, and a point will do."""
        elevation = self.elevation(TRUTH_GRID.x, TRUTH_GRID.y)
        near = basin_weight(TRUTH_GRID.x, TRUTH_GRID.y) < 1
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        row, column = (slice(found[0], found[-1] + 1) for found in (rows, columns))
        n = _POINTS_PER_CELL
        elevation[row, column] = _cells(
            self.elevation(
                x[:, column.start * n : column.stop * n], y[row.start * n : row.stop * n]
            )
        )
        return elevation


def annual_temperature(elevation: np.ndarray) -> np.ndarray:
    """Return the mean temperature of the year in degC at an elevation in metres."""
    return _ANNUAL_TEMPERATURE + _LAPSE * (elevation - LAKE_LEVEL)


def vegetation_type(mean: np.ndarray) -> np.ndarray:
    """Return the number of the vegetation type where soil moisture has this mean.

    Parameters
    ----------
    mean : ndarray
        Mean soil moisture of a 1 km pixel, m3 m-3.

    Returns
    -------
    ndarray of uint8
        1 steppe, 2 meadow, 3 swamp meadow.
    """
    return (1 + np.digitize(mean, _WETTER_THAN)).astype(np.uint8)


def _cells(values: np.ndarray) -> np.ndarray:
    n = _POINTS_PER_CELL
    rows, columns = values.shape
    return values.reshape(rows // n, n, columns // n, n).mean(axis=(1, 3))


def _rounded(values: np.ndarray, kind: str) -> np.ndarray:
    """Round to steps that float32 holds exactly, so the truth folder holds what was used."""
    return np.rint(values / _STEPS[kind]) * _STEPS[kind]
