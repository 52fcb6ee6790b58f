"""MOD13A2: NDVI and EVI of 16 days, from the clearest day of each pixel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gee_sm.sample.image_series import ImageSeries, image, noon
from gee_sm.sample.modis_sky import SKY_GRID, Sky, sky_of
from gee_sm.sample.product_errors import correlated_noise
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import MODIS_GRID, inside_bounds, pixel_mean
from gee_sm.sample.wide_truth import WideTruth
from gee_sm.sample.wide_weather import summer_weight

__all__ = ["ASSET_ID", "GREENNESS_PARAMETERS", "NEAR_CLOUD", "ndvi_series", "periods_of"]

ASSET_ID = "MODIS/061/MOD13A2"

NEAR_CLOUD = -0.30
"""Cloud index above which a pixel is doubtful, as for surface temperature."""

_DAYS = 16
_GOOD, _MARGINAL, _SNOW, _CLOUDY = 0, 1, 2, 3
_STD = 0.012
_DARKENING = {_MARGINAL: 0.92, _CLOUDY: 0.6}
_SNOW_NDVI = 0.02
_SNOW_INDEX = 0.6
_EVI = (0.72, -0.015)
_EVI_STD = 0.006
_STEP = 100
_NOISE_BLOCK = 2
_FILL, _FILL_QA = -3000, -1

GREENNESS_PARAMETERS = {
    "ndvi_std": _STD,
    "evi": {"slope": _EVI[0], "offset": _EVI[1], "own_std": _EVI_STD},
    "ndvi_times": {"marginal": _DARKENING[_MARGINAL], "cloudy": _DARKENING[_CLOUDY]},
    "ndvi_of_snow": _SNOW_NDVI,
    "error_is_the_same_in_blocks_of_pixels": _NOISE_BLOCK,
    "stored_in_steps_of": _STEP * 1e-4,
}
"""What the truth folder says of NDVI and EVI."""


def periods_of(days: np.ndarray, length: int) -> Iterator[np.ndarray]:
    """Return the days of each composite: counted from 1 January, the last one shorter."""
    for year in np.unique(days.astype("datetime64[Y]")):
        of_year = days[days.astype("datetime64[Y]") == year]
        for start in range(0, of_year.size, length):
            yield of_year[start : start + length]


def ndvi_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the 16-day images of whole years, a series a year."""
    pixels = np.flatnonzero(inside_bounds(MODIS_GRID))
    maps = truth.greenness_maps
    maps = pixel_mean(MODIS_GRID)(maps).reshape(len(maps), -1)[:, pixels]
    years = days.astype("datetime64[Y]")
    for year in np.unique(years):
        some = days[years == year]
        periods = list(periods_of(some, _DAYS))
        yield ImageSeries(
            ASSET_ID,
            str(year),
            [image(f"{p[0]}".replace("-", "_"), p[0], timedelta(days=_DAYS)) for p in periods],
            _pixels(truth, seed, some, periods, pixels, maps),
            MODIS_GRID,
            nodata={"NDVI": _FILL, "EVI": _FILL, "SummaryQA": _FILL_QA, "DayOfYear": _FILL_QA},
            pyramiding={"SummaryQA": "MODE", "DayOfYear": "SAMPLE"},
        )


def _pixels(
    truth: WideTruth,
    seed: int,
    days: np.ndarray,
    periods: list[np.ndarray],
    pixels: np.ndarray,
    maps: np.ndarray,
) -> Iterator[dict[str, np.ndarray]]:
    sky = sky_of(truth, seed, days, "day")
    snow = correlated_noise(
        seed,
        ("snow", str(days[0])[:4]),
        SKY_GRID,
        len(periods),
        memory_steps=1,
        smoothing_km=30.0,
    ).reshape(len(periods), -1)
    rows, columns = np.divmod(pixels, MODIS_GRID.shape[1])
    blocks = rows // _NOISE_BLOCK * MODIS_GRID.shape[1] + columns // _NOISE_BLOCK
    blocks = np.unique(blocks, return_inverse=True)[1]
    first = 0
    for number, period in enumerate(periods):
        random = random_stream(seed, "ndvi", str(period[0]))
        # The order in which days are tried; the view is best in the middle of the swath.
        order = random.permutation(period.size)
        indices = np.stack([sky.over(MODIS_GRID, pixels, first + k) for k in order])
        first += period.size
        clearest = np.argmax(indices <= NEAR_CLOUD, axis=0)
        clear = (indices <= NEAR_CLOUD).any(axis=0)
        usable = ~clear & (indices <= 0).any(axis=0)
        clearest = np.where(usable, np.argmax(indices <= 0, axis=0), clearest)
        day = order[clearest]
        quality = np.where(clear, _GOOD, np.where(usable, _MARGINAL, _CLOUDY))
        series = truth.greenness_series(noon(period))
        noise = random.standard_normal((2, int(blocks.max()) + 1))[:, blocks]
        ndvi = np.einsum("mp,mp->p", series[:, day], maps)
        of_year = (period[0] - period[0].astype("datetime64[Y]")).astype(int) + 1
        cold = 1 - summer_weight(np.array(float(of_year)))
        snowy = (Sky(snow).over(MODIS_GRID, pixels, number) > _SNOW_INDEX) & (cold > 0.9)
        quality = np.where(snowy, _SNOW, quality)
        for code, factor in _DARKENING.items():
            ndvi = np.where(quality == code, ndvi * factor, ndvi)
        ndvi = np.where(snowy, _SNOW_NDVI, ndvi) + _STD * noise[0]
        evi = _EVI[0] * ndvi + _EVI[1] + _EVI_STD * noise[1]
        yield {
            "NDVI": _image(pixels, _stored(ndvi), _FILL),
            "EVI": _image(pixels, _stored(evi), _FILL),
            "SummaryQA": _image(pixels, quality.astype(np.int8), _FILL_QA),
            "DayOfYear": _image(pixels, (of_year + day).astype(np.int16), _FILL_QA),
        }


def _stored(index: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(index * 1e4 / _STEP) * _STEP, -2000, 10000).astype(np.int16)


def _image(pixels: np.ndarray, values: np.ndarray, elsewhere: int) -> np.ndarray:
    out = np.full(MODIS_GRID.shape[0] * MODIS_GRID.shape[1], elsewhere, values.dtype)
    out[pixels] = values
    return out.reshape(MODIS_GRID.shape)
