"""ERA5-Land, daily, and GLDAS Noah, 3-hourly: soil moisture, temperatures, rain and snow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gee_sm.sample.image_series import ImageSeries, by_year, image, noon, rounded
from gee_sm.sample.moisture_products import era5_errors, gldas_errors, signal
from gee_sm.sample.product_errors import ERA5_LAYERS, GLDAS_LAYERS, correlated_noise
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import ERA5_GRID, GLDAS_GRID, PixelMean, pixel_mean
from gee_sm.sample.wide_truth import WideTruth

__all__ = ["ERA5_ID", "GLDAS_ID", "REANALYSIS_PARAMETERS", "era5_series", "gldas_series"]

ERA5_ID = "ECMWF/ERA5_LAND/DAILY_AGGR"
GLDAS_ID = "NASA/GLDAS/V021/NOAH/G025/T3H"

_KELVIN = 273.15
_ERA5_RAIN_FACTOR, _ERA5_RAIN_SPREAD, _ERA5_DRIZZLE_MM = 1.25, 0.4, 0.15
_GLDAS_RAIN_FACTOR, _GLDAS_RAIN_SPREAD = 1.1, 0.5
_TEMPERATURE_BIAS_K, _TEMPERATURE_STD_K, _TEMPERATURE_MEMORY_DAYS = 0.8, 0.9, 3.0
_MELT_MM_PER_K = 3.0
_DAILY_AMPLITUDE_K, _DAILY_DAMPING_M = 6.0, 0.1
_WATER_STEP, _WARMTH_STEP = 2**-9, 2**-1
"""What is stored is rounded to these, m3 m-3 and K: far below the errors."""

_MASS_STEPS = (2**-2, 2**-1, 2.0, 2.0)
"""The same of the water in GLDAS' layers, kg m-2: powers of two, which floats hold shortly."""

_STEPS = 8
_RAINY_STEPS = 2

REANALYSIS_PARAMETERS = {
    "era5_land": {
        "rain_factor": _ERA5_RAIN_FACTOR,
        "rain_log_spread": _ERA5_RAIN_SPREAD,
        "drizzle_mm": _ERA5_DRIZZLE_MM,
        "temperature_bias_k": _TEMPERATURE_BIAS_K,
        "temperature_std_k": _TEMPERATURE_STD_K,
        "temperature_memory_days": _TEMPERATURE_MEMORY_DAYS,
        "snow_melt_mm_per_k_and_day": _MELT_MM_PER_K,
    },
    "gldas": {
        "rain_factor": _GLDAS_RAIN_FACTOR,
        "rain_log_spread": _GLDAS_RAIN_SPREAD,
        "temperature_std_k": _TEMPERATURE_STD_K,
        "temperature_memory_days": _TEMPERATURE_MEMORY_DAYS,
        "daily_amplitude_k": _DAILY_AMPLITUDE_K,
        "daily_damping_depth_m": _DAILY_DAMPING_M,
    },
}
"""What the truth folder says of the reanalyses beside the errors of their soil moisture."""


def era5_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the daily images of ERA5-Land, a series a year."""
    over = pixel_mean(ERA5_GRID)
    times = noon(days)
    noise = _TEMPERATURE_STD_K * correlated_noise(
        seed,
        ("era5 temperature",),
        ERA5_GRID,
        days.size,
        memory_steps=_TEMPERATURE_MEMORY_DAYS,
        smoothing_km=30.0,
    )
    bands: dict[str, np.ndarray] = {}
    for layer in range(len(ERA5_LAYERS)):
        water = signal(truth, "era5_land", times, layer, over)
        water += era5_errors(seed, days.size, layer)
        bands[f"volumetric_soil_water_layer_{layer + 1}"] = rounded(
            np.clip(water, 0, 0.8), _WATER_STEP
        )
    for layer, depths in enumerate(ERA5_LAYERS):
        warmth = truth.soil_temperature(times, depths, over) + noise * 0.7**layer
        bands[f"soil_temperature_level_{layer + 1}"] = rounded(
            warmth + _TEMPERATURE_BIAS_K + _KELVIN, _WARMTH_STEP
        )
    air = truth.soil_temperature(times, 0.0, over) - 1.0 + noise
    rain = _era5_rain(truth, seed, days, over)
    bands["temperature_2m"] = rounded(air + _KELVIN, _WARMTH_STEP)
    bands["total_precipitation_sum"] = rounded(rain / 1000, 2**-15)
    bands["snow_depth_water_equivalent"] = rounded(_snow(rain, air) / 1000, 2**-13)
    for year, positions in by_year(days):
        yield ImageSeries(
            ERA5_ID,
            str(year),
            [image(f"{days[k]}".replace("-", ""), days[k], timedelta(days=1)) for k in positions],
            ({name: values[k] for name, values in bands.items()} for k in positions),
            ERA5_GRID,
        )


def gldas_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the 3-hourly images of GLDAS, a series a month."""
    over = pixel_mean(GLDAS_GRID)
    steps = (days.astype("datetime64[h]")[:, None] + 3 * np.arange(_STEPS)).ravel()
    times = steps.astype("datetime64[ns]")
    noise = _TEMPERATURE_STD_K * correlated_noise(
        seed,
        ("gldas temperature",),
        GLDAS_GRID,
        times.size,
        memory_steps=_TEMPERATURE_MEMORY_DAYS * _STEPS,
        smoothing_km=30.0,
    )
    # Warmest at 08:00 UTC, two in the afternoon on the plateau.
    hours = (steps - steps.astype("datetime64[D]").astype("datetime64[h]")).astype(float)
    bands: dict[str, np.ndarray] = {}
    for layer, (top, bottom) in enumerate(GLDAS_LAYERS):
        water = signal(truth, "gldas", times, layer, over)
        water += gldas_errors(seed, days.size, layer)
        mass = np.clip(water, 0, 0.8) * 10 * (bottom - top)
        bands[f"SoilMoi{top}_{bottom}cm_inst"] = rounded(mass, _MASS_STEPS[layer])
    for layer, (top, bottom) in enumerate(GLDAS_LAYERS):
        depth = (top + bottom) / 200 / _DAILY_DAMPING_M
        course = np.exp(-depth) * np.cos(2 * np.pi * (hours - 8) / 24 - depth)
        warmth = truth.soil_temperature(times, (top, bottom), over) + noise * 0.7**layer
        warmth += _DAILY_AMPLITUDE_K * course[:, None, None]
        bands[f"SoilTMP{top}_{bottom}cm_inst"] = rounded(warmth + _KELVIN, _WARMTH_STEP)
    bands["Rainf_f_tavg"] = _gldas_rain(truth, seed, days, over)
    months = steps.astype("datetime64[M]")
    for month in np.unique(months):
        positions = np.flatnonzero(months == month)
        yield ImageSeries(
            GLDAS_ID,
            f"{month}".replace("-", "_"),
            [
                image(
                    _gldas_index(steps[k]), steps[k], timedelta(hours=3), start_hour=int(hours[k])
                )
                for k in positions
            ],
            ({name: values[k] for name, values in bands.items()} for k in positions),
            GLDAS_GRID,
        )


def _gldas_index(step: np.datetime64) -> str:
    return "A" + f"{step}".replace("-", "").replace("T", "_") + "00"


def _era5_rain(truth: WideTruth, seed: int, days: np.ndarray, over: PixelMean) -> np.ndarray:
    """Return the model's daily precipitation in mm: too much of it, and drizzle on dry days."""
    rain = truth.rain(days, over)
    factor = _factor(seed, "era5 rain", over, days.size, _ERA5_RAIN_SPREAD, 30.0)
    summer = truth.weather.expected_rain[(days - truth.weather.day[0]).astype(int)] > 0.5
    drizzle = _ERA5_DRIZZLE_MM * summer[:, None, None]
    return _ERA5_RAIN_FACTOR * rain * factor + drizzle


def _gldas_rain(truth: WideTruth, seed: int, days: np.ndarray, over: PixelMean) -> np.ndarray:
    """Return precipitation in kg m-2 s-1: each day's falls in two steps of three hours.

    A rate is stamped at the end of its three hours, as GLDAS does: the first image, which would
    tell of the day before the record, is dry, and the last three hours are in none.
    """
    rain = truth.rain(days, over) * _GLDAS_RAIN_FACTOR
    rain *= _factor(seed, "gldas rain", over, days.size, _GLDAS_RAIN_SPREAD, 30.0)
    random = random_stream(seed, "gldas rain hours")
    order = random.random((days.size, _STEPS)).argsort(axis=1)
    wet = (order < _RAINY_STEPS)[:, :, None, None]
    rate = np.where(wet, rain[:, None], 0) / _RAINY_STEPS / (3 * 3600)
    rate = rate.reshape(-1, *rain.shape[1:])
    rate = np.concatenate([np.zeros_like(rate[:1]), rate[:-1]])
    return rounded(rate, 2**-21)


def _factor(
    seed: int, name: str, over: PixelMean, days: int, spread: float, smoothing_km: float
) -> np.ndarray:
    """Return log-normal factors of mean 1."""
    noise = correlated_noise(
        seed, (name,), over.grid, days, memory_steps=0, smoothing_km=smoothing_km
    )
    return np.exp(spread * noise - spread**2 / 2)


def _snow(rain: np.ndarray, air: np.ndarray) -> np.ndarray:
    """Return the water in the snow in mm: falls in the cold, melts with the degrees above 0."""
    snow = np.zeros_like(rain)
    today = np.zeros(rain.shape[1:])
    for k in range(rain.shape[0]):
        today = np.where(air[k] < 0, today + rain[k], today - _MELT_MM_PER_K * air[k])
        snow[k] = today = np.maximum(today, 0)
    return snow
