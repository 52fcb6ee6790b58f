"""The weather of the wide region: rain that fills the soil, and warmth, as daily series.

Soil moisture in the scenes follows a smooth season and smooth spells. Here these become what a
bucket does under the rain that is to be expected, and the rain that falls instead, on some days
and not on others, drives the bucket away from them. So at any place

    d(anomaly) / dt = rain / CAPACITY_MM - loss(t) * (anomaly - DRIEST)

holds exactly for the anomaly of soil moisture and the rain of the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.signal import lfilter

from gee_sm.sample.random_field import random_stream
from gee_sm.sample.soil_moisture import SoilMoisture
from gee_sm.sample.wide_region import WIDE_BOUNDS

__all__ = ["FIRST_DAY", "LAST_DAY", "WEATHER_PARAMETERS", "WideWeather", "rain_region_weights"]

FIRST_DAY = np.datetime64("2014-01-01", "D")
LAST_DAY = np.datetime64("2025-01-01", "D")
"""Series run from years before the products, so that the deep soil has forgotten its start."""

CAPACITY_MM = 240.0
"""Rain that raises the anomaly of soil moisture by 1 m3 m-3 where the response is 1."""

DRIEST = -0.05
"""Anomaly of soil moisture towards which the soil dries, m3 m-3."""

_SUMMER_LOSS, _WINTER_LOSS = 1 / 8, 1 / 130
_SUMMER = (140.0, 285.0)
_SUMMER_RAMP_DAYS = 45.0
_REGIONS_PER_SIDE = 3
_REGION_WIDTH_KM = 60.0
_WET_DAYS = (0.05, 0.60)
_RAIN_SHAPE = 1.2
_RAIN_PERSISTENCE = 0.25
_RAIN_LENGTH_KM = 200.0
_WARMTH_SD, _WARMTH_MEMORY_DAYS, _WARMTH_LENGTH_KM = 2.5, 5.0, 500.0

WEATHER_PARAMETERS = {
    "capacity_mm": CAPACITY_MM,
    "driest_anomaly": DRIEST,
    "loss_per_day": {"summer": _SUMMER_LOSS, "winter": _WINTER_LOSS},
    "summer_days_of_year": list(_SUMMER),
    "rain_regions": _REGIONS_PER_SIDE**2,
    "rain_region_width_km": _REGION_WIDTH_KM,
    "share_of_wet_days": {"winter": _WET_DAYS[0], "summer": sum(_WET_DAYS)},
    "rain_gamma_shape": _RAIN_SHAPE,
    "rain_correlation_length_km": _RAIN_LENGTH_KM,
    "warmth_sd_k": _WARMTH_SD,
    "warmth_memory_days": _WARMTH_MEMORY_DAYS,
}
"""What the truth folder says of the weather."""


@dataclass(frozen=True)
class WideWeather:
    """Daily series from :data:`FIRST_DAY` on, of the nine rain regions where they differ.

    Parameters
    ----------
    day : ndarray of datetime64[D], shape (n,)
        UTC days; a state belongs to 00:00, an amount to the whole day.
    season : ndarray, shape (n,)
        Part of `common` that returns every year, m3 m-3.
    common : ndarray, shape (n,)
        Anomaly of soil moisture under the expected rain, m3 m-3.
    contrast : ndarray, shape (n,)
        The spells that differ over kilometres, m3 m-3.
    rain_anomaly : ndarray, shape (regions, n)
        What the rain that fell adds to `common`, m3 m-3.
    rain : ndarray, shape (regions, n)
        Rain of the day, mm.
    expected_rain : ndarray, shape (n,)
        Rain that would lead to `common`, mm.
    warmth : ndarray, shape (regions, n)
        Departure of the surface's temperature from its annual course, K.
    """

    day: np.ndarray
    season: np.ndarray
    common: np.ndarray
    contrast: np.ndarray
    rain_anomaly: np.ndarray
    rain: np.ndarray
    expected_rain: np.ndarray
    warmth: np.ndarray

    @classmethod
    def of_seed(cls, seed: int) -> WideWeather:
        """Return the weather of a sample."""
        day = np.arange(FIRST_DAY, LAST_DAY)
        year = day.astype("datetime64[Y]")
        of_year = (day - year.astype("datetime64[D]")).astype(float) + 1
        since_2000 = (day - np.datetime64("2000-01-01", "D")).astype(float)
        season, spells = SoilMoisture(seed).weather_parts(since_2000, of_year)
        summer = summer_weight(of_year)
        # In winter nothing falls that would explain spells; in the months of the scenes the
        # weight is 1.
        common, contrast = season + summer * spells[0], summer * spells[1]
        loss = _WINTER_LOSS + (_SUMMER_LOSS - _WINTER_LOSS) * summer
        filling = np.gradient(common) + loss * (common - DRIEST)
        expected = CAPACITY_MM * np.maximum(filling, 0)
        rain = _rain(seed, expected, summer)
        anomaly = np.zeros_like(rain)
        keep = np.exp(-loss)
        surplus = (rain / CAPACITY_MM - filling) * (1 - keep) / loss
        for today in range(day.size - 1):
            anomaly[:, today + 1] = anomaly[:, today] * keep[today] + surplus[:, today]
        return cls(day, season, common, contrast, anomaly, rain, expected, _warmth(seed, day.size))


def summer_weight(of_year: np.ndarray) -> np.ndarray:
    """Return 1 from late May to mid October, 0 in winter, smooth in between.

    Parameters
    ----------
    of_year : ndarray
        Day of the year, from 1.
    """
    start, end = _SUMMER
    outside = np.maximum(np.maximum(start - of_year, of_year - end), 0)
    return 0.5 * (1 + np.cos(np.pi * np.clip(outside / _SUMMER_RAMP_DAYS, 0, 1)))


def rain_region_weights(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return how much of each rain region's weather a place has.

    Parameters
    ----------
    longitude, latitude : ndarray
        Degrees.

    Returns
    -------
    ndarray, shape (regions, ...)
        Weights that sum to 1.
    """
    distance = [
        _distance_km(longitude, latitude, *centre) / _REGION_WIDTH_KM for centre in _centres()
    ]
    weights = np.exp(-np.square(distance) / 2)
    return weights / weights.sum(axis=0)


def _centres() -> list[tuple[float, float]]:
    west, south, east, north = WIDE_BOUNDS
    steps = (np.arange(_REGIONS_PER_SIDE) + 0.5) / _REGIONS_PER_SIDE
    return [
        (west + u * (east - west), south + v * (north - south))
        for v in steps.tolist()
        for u in steps.tolist()
    ]


def _distance_km(longitude, latitude, at_longitude: float, at_latitude: float) -> np.ndarray:
    across = 111.2 * np.cos(np.radians(at_latitude)) * (longitude - at_longitude)
    return np.hypot(across, 111.2 * (latitude - at_latitude))


def _correlated(random: np.random.Generator, length_km: float, size: int) -> np.ndarray:
    """Return white noise of unit variance, correlated between the regions, shape (regions, n)."""
    centres = _centres()
    distance = np.array([[_distance_km(*one, *other) for other in centres] for one in centres])
    factor = np.linalg.cholesky(np.exp(-distance / length_km))
    # Drawn day by day, so a later end leaves the days before it alone.
    return factor @ random.standard_normal((size, len(centres))).T


def _rain(seed: int, expected: np.ndarray, summer: np.ndarray) -> np.ndarray:
    """Return daily rain of each region in mm, of the expected mean."""
    noise = _correlated(random_stream(seed, "rain"), _RAIN_LENGTH_KM, expected.size)
    kept = np.sqrt(1 - _RAIN_PERSISTENCE**2)
    latent = lfilter([kept], [1, -_RAIN_PERSISTENCE], noise, axis=1)
    wet = _WET_DAYS[0] + _WET_DAYS[1] * summer
    rank = stats.norm.cdf(latent)
    # Above 1 - wet it rains; how far above says how much.
    share = np.clip((rank - (1 - wet)) / wet, 0, 1)
    amount = stats.gamma.ppf(share, _RAIN_SHAPE, scale=expected / wet / _RAIN_SHAPE + 1e-12)
    return np.where(share > 0, amount, 0.0)


def _warmth(seed: int, size: int) -> np.ndarray:
    noise = _correlated(random_stream(seed, "warmth"), _WARMTH_LENGTH_KM, size)
    memory = np.exp(-1 / _WARMTH_MEMORY_DAYS)
    return _WARMTH_SD * lfilter([np.sqrt(1 - memory**2)], [1, -memory], noise, axis=1)
