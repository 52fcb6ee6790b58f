"""Liquid water in a soil column that freezes every winter: enough physics to give "U" shapes.

Three things shape the series a sensor records in permafrost, and each is one function here: the
annual temperature wave that is damped and delayed with depth, a moisture store that fills with the
monsoon and stands still while the ground is frozen, and the little water that stays liquid below
0 degC.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter

DAYS_PER_YEAR = 365.25
_DAMPING_DEPTH_M = 2.0


def temperature_wave(
    day: ArrayLike,
    depth_m: ArrayLike,
    *,
    annual_mean_degc: float,
    annual_amplitude_degc: float,
    weather_degc: ArrayLike,
) -> NDArray[np.float64]:
    """Soil temperature by Fourier's damped annual wave plus damped weather.

    Parameters
    ----------
    day : array, shape (time,)
        Day of the year, 0 to 366; the surface is warmest at the end of July.
    depth_m : array, shape (depth,)
    annual_mean_degc, annual_amplitude_degc : float
        Of the surface.
    weather_degc : array, shape (time,)
        Deviations of the surface from its annual course.

    Returns
    -------
    array, shape (depth, time) [degC]
    """
    depth = np.asarray(depth_m, dtype=float)[:, None]
    phase = 2 * np.pi * (np.asarray(day, dtype=float) - 210) / DAYS_PER_YEAR
    wave = (
        annual_amplitude_degc
        * np.exp(-depth / _DAMPING_DEPTH_M)
        * np.cos(phase - depth / _DAMPING_DEPTH_M)
    )
    # Weather is days long, and the damping depth goes with the square root of the period.
    weather = np.asarray(weather_degc, dtype=float) * np.exp(-depth / (_DAMPING_DEPTH_M / 8))
    return annual_mean_degc + wave + weather


def moisture_store(
    rain_mm: ArrayLike,
    temperature_degc: ArrayLike,
    depth_m: ArrayLike,
    *,
    dry: float,
    wet: float,
) -> NDArray[np.float64]:
    """Total water: a store a depth that fills with rain from above and dries by itself.

    Parameters
    ----------
    rain_mm : array, shape (time,)
        Daily rain.
    temperature_degc : array, shape (depth, time)
        Frozen stores neither fill nor dry.
    depth_m : array, shape (depth,)
    dry, wet : float
        Water contents of the empty and the full store [m3 m-3].

    Returns
    -------
    array, shape (depth, time) [m3 m-3]
    """
    rain = np.asarray(rain_mm, dtype=float)
    thawed = np.asarray(temperature_degc) > 0
    depth = np.asarray(depth_m, dtype=float)
    memory_days = 12 + 120 * depth
    gain = 0.08 / (1 + 8 * depth)
    share = np.full(depth.size, 0.45)
    total = np.empty((depth.size, rain.size))
    supply = np.zeros(depth.size)
    for index in range(rain.size):
        # Rain reaches a depth later and smoother the deeper it lies.
        supply += (rain[index] - supply) / (1 + 20 * depth)
        change = gain * supply * (1 - share) - (share - 0.15) / memory_days
        share = np.clip(share + np.where(thawed[:, index], change, 0.0), 0.0, 1.0)
        total[:, index] = share
    return dry + (wet - dry) * total


def liquid_water(total: ArrayLike, temperature_degc: ArrayLike) -> NDArray[np.float64]:
    """Water that stays liquid: all of it above 0 degC, a power law of the cold below.

    Parameters
    ----------
    total : array [m3 m-3]
    temperature_degc : array of the same shape

    Returns
    -------
    array [m3 m-3]

    Examples
    --------
    >>> liquid_water([0.3, 0.3], [1.0, -4.0]).tolist()
    [0.3, 0.06]
    """
    cold = np.maximum(-np.asarray(temperature_degc, dtype=float), 1e-6)
    unfrozen = 0.12 * cold**-0.5
    return np.where(
        np.asarray(temperature_degc) >= 0, total, np.minimum(np.asarray(total, float), unfrozen)
    )


def monsoon_rain(day: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
    """Daily rain [mm] with a wet summer and a dry winter.

    Parameters
    ----------
    day : array, shape (time,)
        Day of the year.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (time,)
    """
    season = 0.5 * (1 + np.cos(2 * np.pi * (np.asarray(day, dtype=float) - 205) / DAYS_PER_YEAR))
    falls = rng.random(season.size) < 0.03 + 0.5 * season**2
    return np.where(falls, rng.exponential(5.0, season.size), 0.0)


def red_noise(
    shape: tuple[int, ...], *, memory_days: float, sd: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """First-order autoregressive noise over the last axis, stationary from the first day.

    Parameters
    ----------
    shape : tuple of int
    memory_days : float
        Lag at which the autocorrelation has fallen to 1/e.
    sd : float
        Standard deviation of the noise itself, not of its innovations.
    rng : numpy.random.Generator

    Returns
    -------
    array of the given shape
    """
    persistence = float(np.exp(-1.0 / memory_days))
    innovations = rng.normal(0.0, np.sqrt(1 - persistence**2), shape)
    innovations[..., 0] = rng.normal(0.0, 1.0, shape[:-1])
    return sd * lfilter([1.0], [1.0, -persistence], innovations, axis=-1)
