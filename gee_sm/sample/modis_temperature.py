"""MOD11A1: daily land surface temperature, cooler by day where the soil is wet and green."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gee_sm.sample.image_series import ImageSeries, image
from gee_sm.sample.modis_sky import SKY_GRID, Sky, sky_of
from gee_sm.sample.product_errors import correlated_noise
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import MODIS_GRID, inside_bounds, longitude_latitude, pixel_mean
from gee_sm.sample.wide_truth import WideTruth
from gee_sm.sample.wide_weather import summer_weight

__all__ = ["ASSET_ID", "TEMPERATURE_PARAMETERS", "SurfaceTemperature", "lst_series"]

ASSET_ID = "MODIS/061/MOD11A1"

_OVERPASS = {"Day": np.timedelta64(4 * 60 + 20, "m"), "Night": np.timedelta64(16 * 60 + 20, "m")}
"""10:30 and 22:30 local solar time, from 00:00 UTC."""

_HEATING_K = {"Day": (14.0, 6.0), "Night": (-8.0, -1.0)}
_SHADE_K = {"Day": -9.0, "Night": 2.0}
_MOISTURE_K = {"Day": -60.0, "Night": 15.0}
_SOLAR_HOUR = {"Day": 10.6, "Night": 22.2}
_REFERENCE_MOISTURE = 0.2
_AIR_STD_K, _AIR_KM, _PIXEL_STD_K = 0.8, 30.0, 0.4
_NOISE_BLOCK = 3
_NEAR_CLOUD, _NEXT_TO_CLOUD = -0.30, -0.12
_CONTAMINATION_K = (1.2, 2.5)
_STEP_K = 1.0
_DN = 0.02
_KELVIN = 273.15
_GOOD, _CLOUDY, _OUTSIDE = 0, 2, 255
_DOUBTFUL = (0b01_00_00_01, 0b10_00_00_01)
_DEGREES_PER_KM = 0.05

TEMPERATURE_PARAMETERS = {
    "lst": "soil temperature + heating + shade * ndvi at peak + moisture * (soil moisture - 0.2)",
    "heating_k": {half: {"mean": a, "summer": b} for half, (a, b) in _HEATING_K.items()},
    "shade_k_per_ndvi": _SHADE_K,
    "moisture_k_per_m3_m3_in_summer": _MOISTURE_K,
    "air_std_k": _AIR_STD_K,
    "air_smoothing_km": _AIR_KM,
    "pixel_std_k": _PIXEL_STD_K,
    "pixel_error_is_the_same_in_blocks_of_pixels": _NOISE_BLOCK,
    "stored_in_steps_of_k": _STEP_K,
    "near_cloud": {
        "too_cold_by_up_to_k": list(_CONTAMINATION_K),
        "qc": list(_DOUBTFUL),
        "cloud_index_above": [_NEAR_CLOUD, _NEXT_TO_CLOUD],
    },
}
"""What the truth folder says of surface temperature."""


class SurfaceTemperature:
    """Surface temperature at the MODIS pixels of the region, day by day.

    Parameters
    ----------
    truth : WideTruth
        The truth.

    Attributes
    ----------
    pixels : ndarray of int
        Flat numbers in :data:`~gee_sm.sample.wide_region.MODIS_GRID` of the pixels in the region.
    """

    def __init__(self, truth: WideTruth) -> None:
        self.truth = truth
        self.pixels = np.flatnonzero(inside_bounds(MODIS_GRID))
        over = pixel_mean(MODIS_GRID)
        ground = truth.ground
        maps = np.concatenate([truth.temperature_maps, [ground.ndvi], truth.moisture_maps])
        self._maps = over(maps).reshape(len(maps), -1)[:, self.pixels].astype(np.float32)

    def clear_sky(self, days: np.ndarray, half: str) -> np.ndarray:
        """Return surface temperature without clouds and errors, K, shape (days, pixels).

        Parameters
        ----------
        days : ndarray of datetime64[D]
            UTC days.
        half : str
            ``Day`` or ``Night``.

        Returns
        -------
        ndarray of float32
            Temperature.
        """
        times = days.astype("datetime64[ns]") + _OVERPASS[half]
        of_year = (days - days.astype("datetime64[Y]")).astype(float) + 1
        summer = summer_weight(of_year)
        steady, more = _HEATING_K[half]
        coupling = _MOISTURE_K[half] * summer
        warmth = self.truth.temperature_series(times)
        heating = steady + more * summer + _KELVIN - coupling * _REFERENCE_MOISTURE
        moisture = coupling * self.truth.moisture_series(times)
        # The second of the moisture maps is 1 everywhere: a constant in space.
        moisture[1] += heating
        shade = np.full((1, days.size), _SHADE_K[half]) * summer
        series = np.concatenate([warmth, shade, moisture]).astype(np.float32)
        return series.T @ self._maps


def lst_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the daily images of MOD11A1 of whole years, a series a year."""
    surface = SurfaceTemperature(truth)
    years = days.astype("datetime64[Y]")
    for year in np.unique(years):
        some = days[years == year]
        skies = {half: sky_of(truth, seed, some, half.lower()) for half in _OVERPASS}
        errors = {
            half: _AIR_STD_K
            * correlated_noise(
                seed,
                ("lst air", half, str(year)),
                SKY_GRID,
                some.size,
                memory_steps=0,
                smoothing_km=_AIR_KM,
            ).reshape(some.size, -1)
            for half in _OVERPASS
        }
        yield ImageSeries(
            ASSET_ID,
            str(year),
            [image(f"{day}".replace("-", "_"), day, timedelta(days=1)) for day in some],
            _pixels(surface, seed, some, skies, errors),
            MODIS_GRID,
            nodata={
                f"{name}": value
                for half in _OVERPASS
                for name, value in (
                    (f"LST_{half}_1km", 0),
                    (f"QC_{half}", _OUTSIDE),
                    (f"{half}_view_time", 255),
                    (f"{half}_view_angle", 255),
                )
            },
            pyramiding={f"QC_{half}": "MODE" for half in _OVERPASS},
        )


def _pixels(
    surface: SurfaceTemperature,
    seed: int,
    days: np.ndarray,
    skies: dict[str, Sky],
    errors: dict[str, np.ndarray],
) -> Iterator[dict[str, np.ndarray]]:
    pixels = surface.pixels
    # The instrument's own pixels are wider than the grid's away from nadir.
    rows, columns = np.divmod(pixels, MODIS_GRID.shape[1])
    blocks = rows // _NOISE_BLOCK * MODIS_GRID.shape[1] + columns // _NOISE_BLOCK
    blocks = np.unique(blocks, return_inverse=True)[1]
    count = int(blocks.max()) + 1
    # One column, one angle, in blocks of rows: the scan is not the matter here.
    scans, scan = np.unique(
        np.minimum(rows // 25 * 25 + 12, MODIS_GRID.shape[0] - 1) * MODIS_GRID.shape[1] + columns,
        return_inverse=True,
    )
    across_km = (longitude_latitude(MODIS_GRID)[0].ravel()[scans] - 92.5) * 94.0
    for start in range(0, days.size, 32):
        some = days[start : start + 32]
        clear = {half: surface.clear_sky(some, half) for half in skies}
        for k, day in enumerate(some):
            number = start + k
            random = random_stream(seed, "lst", str(day))
            bands = {}
            for half, sky in skies.items():
                index = sky.over(MODIS_GRID, pixels, number)
                smooth = Sky(errors[half]).over(MODIS_GRID, pixels, number)
                temperature = clear[half][k] + smooth
                noise = random.standard_normal(count, dtype=np.float32)
                temperature += _PIXEL_STD_K * noise[blocks]
                quality = np.full(pixels.size, _GOOD, np.uint8)
                for code, above, cold in zip(
                    _DOUBTFUL, (_NEAR_CLOUD, _NEXT_TO_CLOUD), _CONTAMINATION_K, strict=True
                ):
                    near = index > above
                    quality[near] = code
                    temperature[near] -= cold * (1 - index[near] / above)
                cloudy = index > 0
                quality[cloudy] = _CLOUDY
                stored = np.rint(temperature / _STEP_K).astype(np.uint16)
                stored *= round(_STEP_K / _DN)
                stored[cloudy] = 0
                angle = _view_angle(day, half, across_km)
                hour = _SOLAR_HOUR[half] + angle / 55 * 0.8
                bands[f"LST_{half}_1km"] = _image(pixels, stored, 0)
                bands[f"QC_{half}"] = _image(pixels, quality, _OUTSIDE)
                for name, values in (
                    (f"{half}_view_time", np.rint(hour * 10)),
                    (f"{half}_view_angle", np.rint(angle) + 65),
                ):
                    seen = values.astype(np.uint8)[scan]
                    seen[cloudy] = 255
                    bands[name] = _image(pixels, seen, 255)
            yield bands


def _view_angle(day: np.datetime64, half: str, across_km: np.ndarray) -> np.ndarray:
    """Return the angle from nadir in degrees; tracks come back after 16 days."""
    number = int((day - np.datetime64("2000-02-24", "D")).astype(int)) % 16
    centre = (number * 7 + (0 if half == "Day" else 5)) % 16
    return np.clip((centre - 7.5) * 6.2 + _DEGREES_PER_KM * across_km, -55, 55)


def _image(pixels: np.ndarray, values: np.ndarray, elsewhere: int) -> np.ndarray:
    out = np.full(MODIS_GRID.shape[0] * MODIS_GRID.shape[1], elsewhere, values.dtype)
    out[pixels] = values
    return out.reshape(MODIS_GRID.shape)
