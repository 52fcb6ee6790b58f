"""MODIS at 500 m: reflectance (MOD09A1), albedo (MCD43A3), leaf area (MOD15A2H).

Thinned, as three years of seven bands over 3 x 3 degrees would be half a gigabyte: one degree
around the scenes, June to September, an image in eight days (also of the daily albedo).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

import numpy as np

from gee_sm.sample.image_series import ImageSeries, days_of, image, noon
from gee_sm.sample.modis_greenness import NEAR_CLOUD, periods_of
from gee_sm.sample.modis_sky import sky_of
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import (
    MODIS_500M,
    MODIS_500M_BOUNDS,
    inside_bounds,
    pixel_mean,
)
from gee_sm.sample.wide_truth import WideTruth

__all__ = [
    "ALBEDO_ID",
    "LEAF_AREA_ID",
    "REFLECTANCE_ID",
    "SURFACE_PARAMETERS",
    "albedo_series",
    "leaf_area_series",
    "reflectance_series",
]

REFLECTANCE_ID = "MODIS/061/MOD09A1"
ALBEDO_ID = "MODIS/061/MCD43A3"
LEAF_AREA_ID = "MODIS/061/MOD15A2H"

_DAYS = 8
_SEASON = (6, 9)
_REFLECTANCE = {
    # Band: reflectance of dry bare soil, change with NDVI, change with soil moisture.
    "sur_refl_b01": (0.22, -0.18, 0.0),
    "sur_refl_b02": None,
    "sur_refl_b03": (0.10, -0.07, 0.0),
    "sur_refl_b04": (0.15, -0.09, 0.0),
    "sur_refl_b05": (0.36, 0.05, -0.35),
    "sur_refl_b06": (0.38, -0.10, -0.55),
    "sur_refl_b07": (0.32, -0.14, -0.60),
}
_ALBEDO = {"Band7": (0.30, -0.13, -0.50), "shortwave": (0.26, -0.06, -0.25)}
_BLACK_SKY = 0.96
_CLOUD_REFLECTANCE = 0.35
_REFLECTANCE_STD, _ALBEDO_STD, _LEAF_AREA_STD = 0.006, 0.006, 0.06
_REFLECTANCE_STEP, _ALBEDO_STEP = 100, 10
_NOISE_BLOCK = 4
_CLEAR, _ADJACENT, _CLOUDY = 0b0100_1000, 1 << 13, (1 << 10) | 1
_LAI_GOOD, _LAI_INDEX, _LAI_CLOUD = 0b000_00_000, 0b011_00_001, 0b011_01_001
_FILL = -28672

SURFACE_PARAMETERS = {
    "reflectance": {
        "band": "dry bare soil + slope * ndvi + slope * soil moisture",
        **{name: known for name, known in _REFLECTANCE.items() if known},
        "sur_refl_b02": "b01 * (1 + ndvi) / (1 - ndvi)",
        "std": _REFLECTANCE_STD,
        "added_by_cloud": _CLOUD_REFLECTANCE,
    },
    "albedo": {**_ALBEDO, "black_sky_per_white_sky": _BLACK_SKY, "std": _ALBEDO_STD},
    "leaf_area": {"lai": "5 * ndvi ** 1.5", "fapar": "1.15 * ndvi - 0.05", "std": _LEAF_AREA_STD},
    "error_is_the_same_in_blocks_of_pixels": _NOISE_BLOCK,
    "months": list(_SEASON),
    "days_between_images": _DAYS,
    "region": list(MODIS_500M_BOUNDS),
}
"""What the truth folder says of the 500 m products."""


class _Surface:
    """NDVI, soil moisture and clouds of composites at the 500 m pixels."""

    def __init__(self, truth: WideTruth, seed: int, days: np.ndarray) -> None:
        self.truth, self.seed = truth, seed
        self.pixels = np.flatnonzero(inside_bounds(MODIS_500M, MODIS_500M_BOUNDS))
        over = pixel_mean(MODIS_500M)
        self.greenness, self.moisture = (
            over(maps).reshape(len(maps), -1)[:, self.pixels]
            for maps in (truth.greenness_maps, truth.moisture_maps)
        )
        rows, columns = np.divmod(self.pixels, MODIS_500M.shape[1])
        blocks = rows // _NOISE_BLOCK * MODIS_500M.shape[1] + columns // _NOISE_BLOCK
        self.blocks = np.unique(blocks, return_inverse=True)[1]
        self.days = days

    def years(self) -> Iterator[tuple[str, list[np.ndarray]]]:
        """Return the composites of each year's season."""
        for year in np.unique(self.days.astype("datetime64[Y]")):
            some = self.days[self.days.astype("datetime64[Y]") == year]
            yield (
                str(year),
                [p for p in periods_of(some, _DAYS) if _SEASON[0] <= _month(p[0]) <= _SEASON[1]],
            )

    def composites(self, name: str, year: str, periods: list[np.ndarray]) -> Iterator[tuple]:
        """Return the days, NDVI, soil moisture, clarity and randomness of each composite."""
        some = self.days[self.days.astype("datetime64[Y]") == np.datetime64(year)]
        sky = sky_of(self.truth, self.seed, some, "day")
        for period in periods:
            first = int((period[0] - some[0]).astype(int))
            index = np.stack(
                [sky.over(MODIS_500M, self.pixels, first + k) for k in range(period.size)]
            )
            day = index.argmin(axis=0)
            best = index.min(axis=0)
            times = noon(period)
            ndvi = np.einsum("mp,mp->p", self.truth.greenness_series(times)[:, day], self.greenness)
            moisture = np.einsum(
                "mp,mp->p", self.truth.moisture_series(times)[:, day], self.moisture
            )
            random = random_stream(self.seed, name, str(period[0]))
            yield period, day, best, np.clip(ndvi, 0.02, 0.9), moisture, random

    def noise(self, random: np.random.Generator) -> np.ndarray:
        """Return unit noise, the same in blocks of pixels."""
        return random.standard_normal(int(self.blocks.max()) + 1)[self.blocks]

    def image(self, values: np.ndarray, elsewhere: int) -> np.ndarray:
        """Return values of the pixels as an image."""
        out = np.full(MODIS_500M.shape[0] * MODIS_500M.shape[1], elsewhere, values.dtype)
        out[self.pixels] = values
        return out.reshape(MODIS_500M.shape)


@lru_cache(maxsize=1)
def _surface(truth: WideTruth, seed: int, years: tuple[int, ...]) -> _Surface:
    """Return the surface, which the three products share."""
    return _Surface(truth, seed, days_of(years))


def reflectance_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the 8-day images of MOD09A1, a series a year."""
    surface = _surface(
        truth, seed, tuple(np.unique(days.astype("datetime64[Y]")).astype(int) + 1970)
    )

    def pixels(year: str, periods: list[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        for period, day, best, ndvi, moisture, random in surface.composites(
            "reflectance", year, periods
        ):
            added = np.where(best > 0, _CLOUD_REFLECTANCE, 0)
            bands = {}
            for name, known in _REFLECTANCE.items():
                if known is None:
                    red = _linear(_REFLECTANCE["sur_refl_b01"], ndvi, moisture)
                    clear = red * (1 + ndvi) / (1 - ndvi)
                else:
                    clear = _linear(known, ndvi, moisture)
                value = clear + added + _REFLECTANCE_STD * surface.noise(random)
                stored = np.rint(value * 1e4 / _REFLECTANCE_STEP) * _REFLECTANCE_STEP
                bands[name] = surface.image(np.clip(stored, -100, 16000).astype(np.int16), _FILL)
            state = np.full(ndvi.size, _CLEAR, np.uint16)
            state[best > NEAR_CLOUD] |= _ADJACENT
            state[best > 0] |= _CLOUDY
            bands["StateQA"] = surface.image(state, 65535)
            bands["DayOfYear"] = surface.image(_of_year(period, day).astype(np.uint16), 65535)
            yield bands

    for year, periods in surface.years():
        yield ImageSeries(
            REFLECTANCE_ID,
            year,
            _images(periods, _DAYS),
            pixels(year, periods),
            MODIS_500M,
            nodata={**dict.fromkeys(_REFLECTANCE, _FILL), "StateQA": 65535, "DayOfYear": 65535},
            pyramiding={"StateQA": "SAMPLE", "DayOfYear": "SAMPLE"},
        )


def albedo_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return an image of MCD43A3 in eight days, a series a year."""
    surface = _surface(
        truth, seed, tuple(np.unique(days.astype("datetime64[Y]")).astype(int) + 1970)
    )
    quality = "BRDF_Albedo_Band_Mandatory_Quality"

    def pixels(year: str, periods: list[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        for _, _, best, ndvi, moisture, random in surface.composites("albedo", year, periods):
            bands, grades = {}, {}
            for name, known in _ALBEDO.items():
                white = _linear(known, ndvi, moisture) + _ALBEDO_STD * surface.noise(random)
                for sky, share in (("WSA", 1.0), ("BSA", _BLACK_SKY)):
                    stored = np.rint(white * share * 1000 / _ALBEDO_STEP) * _ALBEDO_STEP
                    stored = np.where(best > 0, 32767, np.clip(stored, 0, 1000))
                    bands[f"Albedo_{sky}_{name}"] = surface.image(stored.astype(np.int16), 32767)
                # 0: full inversion; 1: magnitude only, as too few days were clear.
                grade = np.where(best > 0, 255, np.where(best > NEAR_CLOUD, 1, 0))
                grades[f"{quality}_{name}"] = surface.image(grade.astype(np.uint8), 255)
            yield {**bands, **grades}

    for year, periods in surface.years():
        albedos = [f"Albedo_{sky}_{name}" for sky in ("WSA", "BSA") for name in _ALBEDO]
        grades = [f"{quality}_{name}" for name in _ALBEDO]
        yield ImageSeries(
            ALBEDO_ID,
            year,
            _images(periods, 1),
            pixels(year, periods),
            MODIS_500M,
            nodata={**dict.fromkeys(albedos, 32767), **dict.fromkeys(grades, 255)},
            pyramiding=dict.fromkeys(grades, "MODE"),
        )


def leaf_area_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the 8-day images of MOD15A2H, a series a year."""
    surface = _surface(
        truth, seed, tuple(np.unique(days.astype("datetime64[Y]")).astype(int) + 1970)
    )

    def pixels(year: str, periods: list[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        for _, _, best, ndvi, _, random in surface.composites("leaf area", year, periods):
            noise = 1 + _LEAF_AREA_STD * surface.noise(random)
            word = np.where(
                best > 0, _LAI_CLOUD, np.where(best > NEAR_CLOUD, _LAI_INDEX, _LAI_GOOD)
            )
            yield {
                "Lai_500m": surface.image(_byte(50 * ndvi**1.5 * noise), 255),
                "Fpar_500m": surface.image(_byte((115 * ndvi - 5) * noise), 255),
                "FparLai_QC": surface.image(word.astype(np.uint8), 255),
            }

    for year, periods in surface.years():
        yield ImageSeries(
            LEAF_AREA_ID,
            year,
            _images(periods, _DAYS),
            pixels(year, periods),
            MODIS_500M,
            nodata={"Lai_500m": 255, "Fpar_500m": 255, "FparLai_QC": 255},
            pyramiding={"FparLai_QC": "SAMPLE"},
        )


def _images(periods: list[np.ndarray], length: int) -> list:
    return [image(f"{p[0]}".replace("-", "_"), p[0], timedelta(days=length)) for p in periods]


def _linear(known: tuple[float, float, float], ndvi: np.ndarray, moisture: np.ndarray):
    dry, green, wet = known
    return dry + green * ndvi + wet * moisture


def _byte(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 100).astype(np.uint8)


def _month(day: np.datetime64) -> int:
    return int(day.astype("datetime64[M]").astype(int)) % 12 + 1


def _of_year(period: np.ndarray, day: np.ndarray) -> np.ndarray:
    return (period[0] - period[0].astype("datetime64[Y]")).astype(int) + 1 + day
