"""SMAP L3 enhanced soil moisture: swaths, a wide footprint, flags, and an outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gee_sm.sample.image_series import ImageSeries, by_year, image, noon, rounded
from gee_sm.sample.moisture_products import signal, smap_errors
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import SMAP_GRID, pixel_mean
from gee_sm.sample.wide_truth import WideTruth

__all__ = ["ASSET_ID", "OUTAGE", "PASS_TIMES", "SMAP_PARAMETERS", "smap_series", "swath"]

ASSET_ID = "NASA/SMAP/SPL3SMP_E/005"

OUTAGE = (np.datetime64("2019-06-20", "D"), np.datetime64("2019-07-23", "D"))
"""First day without data and first day with data again: the satellite was in safe mode."""

PASS_TIMES = {"am": np.timedelta64(23 * 60 + 50, "m"), "pm": np.timedelta64(11 * 60 + 50, "m")}
"""06 h and 18 h local solar time at 92.5 E, counted from 00:00 of the image's UTC day."""

_ORBIT_STEP = 24.615
_DAILY_SHIFT = 9.231
_SWATH_DEGREES = 10.6
_SLANT = {"am": 0.21, "pm": -0.21}
_FAILED_SHARE = 0.03
_FROZEN_BELOW = 0.5
_TB_NOISE_K = 1.3
_STEP, _TB_STEP_K, _CANOPY_STEP = 2**-10, 0.5, 2**-5

SMAP_PARAMETERS = {
    "swath_width_degrees_of_longitude": _SWATH_DEGREES,
    "repeat_days": 8,
    "retrieval_fails": {
        "soil_colder_than_degc": _FROZEN_BELOW,
        "else_share": _FAILED_SHARE,
    },
    "brightness_temperature_noise_k": _TB_NOISE_K,
    "outage": [str(day) for day in OUTAGE],
    "time_utc": {"am": "23:50", "pm": "11:50"},
}
"""What the truth folder says of SMAP beside its errors."""


def smap_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the daily images of some UTC days, a series a year."""
    over = pixel_mean(SMAP_GRID)
    surface = noon(days)
    warmth = truth.soil_temperature(surface, 5.0, over)
    canopy = 0.2 + 4.0 * truth.ndvi(surface, over) ** 2
    halves = {}
    for half, at in PASS_TIMES.items():
        moisture = signal(truth, "smap", days.astype("datetime64[ns]") + at, over=over)
        moisture += smap_errors(seed, days.size, half)
        random = random_stream(seed, "smap flags", half)
        failed = random.random(moisture.shape, dtype=np.float32) < _FAILED_SHARE
        poor = random.random(moisture.shape, dtype=np.float32) < _FAILED_SHARE / 3
        noise = _TB_NOISE_K * random.standard_normal((2, *moisture.shape), dtype=np.float32)
        halves[half] = {
            "soil_moisture": np.clip(moisture, 0.02, None),
            "retrieval_qual_flag": (failed | (warmth < _FROZEN_BELOW)).astype(np.uint16),
            "tb_qual_flag": poor.astype(np.uint16),
            **{
                f"tb_{p}_corrected": (warmth + 273.15) * (dry - wet * moisture) + noise[i]
                for i, (p, dry, wet) in enumerate((("h", 0.93, 0.75), ("v", 0.97, 0.45)))
            },
        }
    seen = {half: swath(days, half) for half in PASS_TIMES}
    for year, positions in by_year(days):
        lost = (days[positions] >= OUTAGE[0]) & (days[positions] < OUTAGE[1])
        kept = positions[~lost]
        yield ImageSeries(
            ASSET_ID,
            str(year),
            [image(f"{days[k]}".replace("-", ""), days[k], timedelta(days=1)) for k in kept],
            (_bands(halves, canopy, seen, k) for k in kept),
            SMAP_GRID,
            nodata={
                f"{flag}_{half}": 65535
                for half in PASS_TIMES
                for flag in ("retrieval_qual_flag", "tb_qual_flag_h", "tb_qual_flag_v")
            },
            pyramiding={
                f"{flag}_{half}": "MODE"
                for half in PASS_TIMES
                for flag in ("retrieval_qual_flag", "tb_qual_flag_h", "tb_qual_flag_v")
            },
        )


def swath(days: np.ndarray, half: str) -> np.ndarray:
    """Return where a pass sees the ground on some days, shape (n, rows, columns).

    The swath is 1000 km wide, the ground track comes back after 8 days and moves in between.
    """
    number = (days.astype("datetime64[D]") - np.datetime64("2015-04-01", "D")).astype(int) % 8
    centre = 92.0 + (_DAILY_SHIFT * number if half == "am" else _DAILY_SHIFT * number + 11.0)
    longitude = SMAP_GRID.x - _SLANT[half] * (SMAP_GRID.y - 32.5)
    away = (longitude - centre[:, None, None] + _ORBIT_STEP / 2) % _ORBIT_STEP - _ORBIT_STEP / 2
    return np.abs(away) < _SWATH_DEGREES / 2


def _bands(halves: dict, canopy: np.ndarray, seen: dict, k: int) -> dict[str, np.ndarray]:
    bands = {}
    for half, values in halves.items():
        where = seen[half][k]

        def measured(array: np.ndarray, step: float, where: np.ndarray = where) -> np.ndarray:
            return np.where(where, rounded(array[k], step), np.float32(np.nan))

        def flag(array: np.ndarray, where: np.ndarray = where) -> np.ndarray:
            return np.where(where, array[k], np.uint16(65535))

        bands[f"soil_moisture_{half}"] = measured(values["soil_moisture"], _STEP)
        bands[f"tb_h_corrected_{half}"] = measured(values["tb_h_corrected"], _TB_STEP_K)
        bands[f"tb_v_corrected_{half}"] = measured(values["tb_v_corrected"], _TB_STEP_K)
        bands[f"vegetation_water_content_{half}"] = measured(canopy, _CANOPY_STEP)
        bands[f"retrieval_qual_flag_{half}"] = flag(values["retrieval_qual_flag"])
        bands[f"tb_qual_flag_h_{half}"] = flag(values["tb_qual_flag"])
        bands[f"tb_qual_flag_v_{half}"] = flag(values["tb_qual_flag"])
    return bands
