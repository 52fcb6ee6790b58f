"""Surface soil moisture: wet hollows and shores, dry ridges, one weather over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from gee_sm.sample.random_field import RandomField, random_stream
from gee_sm.sample.terrain import Relief, Setting

__all__ = ["SoilMoisture", "SoilMoisturePattern", "day_of_year"]

_DRIEST, _WETTEST = 0.075, 0.305
_RESIDUAL, _POROSITY = 0.03, 0.45
_WEATHER_MODES = 12


@dataclass(frozen=True)
class SoilMoisturePattern:
    """What soil moisture is at some places, before the weather; arrays of the places' shape.

    Parameters
    ----------
    mean : ndarray
        Typical value of the thawing season in m3 m-3.
    response : ndarray
        How strongly the place follows the weather; dry and wet extremes follow less.
    contrast : ndarray
        Weight of the second weather component, which differs over kilometres.
    """

    mean: np.ndarray
    response: np.ndarray
    contrast: np.ndarray


class SoilMoisture:
    """Volumetric surface soil moisture at any place and time of the unfrozen season.

    Parameters
    ----------
    seed : int
        The sample's seed.
    """

    def __init__(self, seed: int) -> None:
        random = random_stream(seed, "soil moisture")
        self._broad = RandomField.gaussian(random, length=900.0)
        self._fine = RandomField.gaussian(random, length=250.0)
        self._contrast = RandomField.gaussian(random, length=2500.0)
        weather = random_stream(seed, "weather")
        self._periods = 18 * (60 / 18) ** weather.random((2, _WEATHER_MODES))
        self._phases = weather.random((2, _WEATHER_MODES)) * 2 * np.pi

    def pattern(
        self,
        x: np.ndarray,
        y: np.ndarray,
        relief: Relief | Setting,
        *,
        wide_wetness: np.ndarray | float = 0.0,
        local_share: np.ndarray | float = 1.0,
    ) -> SoilMoisturePattern:
        """Return the spatial part at coordinates in metres (UTM 46N).

        Parameters
        ----------
        x, y : ndarray
            Coordinates, broadcast against each other.
        relief : Relief or Setting
            Terrain there.
        wide_wetness : ndarray or float, default 0
            What larger regions add to the wetness, in logits.
        local_share : ndarray or float, default 1
            Share of the variety within a kilometre that there is.

        Returns
        -------
        SoilMoisturePattern
            The pattern.
        """
        wetness = (
            -0.4
            + 1.6 * np.exp(-np.maximum(relief.lake_distance - 1, 0) / 0.6)
            - 0.8 * relief.position
            - 0.5 * relief.hilliness
            + 0.9 * local_share * self._broad(x, y)
            + 0.35 * local_share * self._fine(x, y)
            + wide_wetness
        )
        mean = _DRIEST + (_WETTEST - _DRIEST) / (1 + np.exp(-wetness))
        response = 4 * (mean - _RESIDUAL) * (_POROSITY - mean) / (_POROSITY - _RESIDUAL) ** 2
        return SoilMoisturePattern(mean, response, self._contrast(x, y))

    def at(self, pattern: SoilMoisturePattern, time: datetime) -> np.ndarray:
        """Return soil moisture.

        Parameters
        ----------
        pattern : SoilMoisturePattern
            The places.
        time : datetime
            When; with a time zone.

        Returns
        -------
        ndarray
            Volumetric soil moisture in m3 m-3.
        """
        common, second = self.weather(time)
        anomaly = pattern.response * (common + second * pattern.contrast)
        return np.clip(pattern.mean + anomaly, _RESIDUAL, _POROSITY)

    def weather(self, time: datetime) -> tuple[float, float]:
        """Return the two components of the weather in m3 m-3: the rainy season, and its spells."""
        days = (time - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() / 86400
        season, spells = self.weather_parts(np.array(days), np.array(day_of_year(time)))
        return float(season + spells[0]), float(spells[1])

    def weather_parts(self, days: np.ndarray, of_year: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the season and the two series of spells in m3 m-3.

        Parameters
        ----------
        days : ndarray
            Days since 2000-01-01 UTC.
        of_year : ndarray
            Day of the year of each, from 1.

        Returns
        -------
        season : ndarray
            Of the shape of `days`.
        spells : ndarray, shape (2, ...)
            What all places share, and what differs over kilometres.
        """
        waves = np.cos(2 * np.pi * days[..., None, None] / self._periods + self._phases)
        spells = np.sqrt(2 / _WEATHER_MODES) * np.moveaxis(waves.sum(axis=-1), -1, 0)
        season = -0.02 + 0.035 * np.exp(-(((of_year - 210) / 60) ** 2))
        return season, np.stack([0.009 * spells[0], 0.006 * spells[1]])


def day_of_year(time: datetime) -> float:
    """Return the day of the year with its fraction, from 1."""
    start = datetime(time.year, 1, 1, tzinfo=time.tzinfo)
    return 1 + (time - start).total_seconds() / 86400
