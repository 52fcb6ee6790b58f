"""Vegetation: greenness and canopy water, tied to soil moisture but not given by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gee_sm.sample.random_field import RandomField, random_stream
from gee_sm.sample.soil_moisture import SoilMoisturePattern, day_of_year

__all__ = ["BARE_SOIL_NDVI", "Vegetation", "VegetationPattern", "growing_season"]

BARE_SOIL_NDVI = 0.07
_DRY_NDMI = -0.14
_PEAK_DAY, _SEASON_DAYS = 213.0, 80.0


@dataclass(frozen=True)
class VegetationPattern:
    """Vegetation indices of the open land at their yearly peak; arrays of the places' shape."""

    ndvi: np.ndarray
    ndmi: np.ndarray


class Vegetation:
    """NDVI and NDMI of the open land at any place and time.

    Parameters
    ----------
    seed : int
        The sample's seed.
    """

    def __init__(self, seed: int) -> None:
        random = random_stream(seed, "vegetation")
        self._greenness = RandomField.gaussian(random, length=450.0)
        self._water = RandomField.gaussian(random, length=450.0)

    def pattern(
        self, x: np.ndarray, y: np.ndarray, moisture: SoilMoisturePattern
    ) -> VegetationPattern:
        """Return the indices at their peak at coordinates in metres (UTM 46N)."""
        supply = np.clip((moisture.mean - 0.075) / 0.23, 0, 1)
        ndvi = 0.09 + 0.60 * supply**0.9 + 0.05 * supply * self._greenness(x, y)
        ndmi = -0.13 + 0.45 * supply + 0.03 * self._water(x, y)
        return VegetationPattern(np.clip(ndvi, 0.06, 0.85), np.clip(ndmi, -0.25, 0.45))

    def at(
        self,
        pattern: VegetationPattern,
        time: datetime,
        *,
        anomaly: np.ndarray | float = 0.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return NDVI and NDMI.

        Parameters
        ----------
        pattern : VegetationPattern
            The places.
        time : datetime
            When; the season peaks on 1 August.
        anomaly : ndarray or float, default 0
            Soil moisture minus its typical value in m3 m-3, which canopy water follows.

        Returns
        -------
        ndvi, ndmi : ndarray
            The indices.
        """
        season = growing_season(day_of_year(time))
        ndvi = BARE_SOIL_NDVI + (pattern.ndvi - BARE_SOIL_NDVI) * season
        ndmi = _DRY_NDMI + (pattern.ndmi - _DRY_NDMI) * season + 0.5 * anomaly
        return ndvi, ndmi


def growing_season(of_year: np.ndarray | float) -> np.ndarray | float:
    """Return how green the season is, 0 to 1, on a day of the year from 1."""
    return np.exp(-(((of_year - _PEAK_DAY) / _SEASON_DAYS) ** 2))
