"""CHIRPS: daily rain, right on average, with missed showers and false ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gee_sm.sample.image_series import ImageSeries, by_year, image, rounded
from gee_sm.sample.product_errors import correlated_noise
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.wide_region import CHIRPS_GRID, pixel_mean
from gee_sm.sample.wide_truth import WideTruth

__all__ = ["ASSET_ID", "RAIN_PARAMETERS", "chirps_series"]

ASSET_ID = "UCSB-CHG/CHIRPS/DAILY"

_SPREAD, _SMOOTHING_KM = 0.5, 15.0
_MISSED_BELOW_MM, _FALSE_SHARE, _FALSE_MM = 0.5, 0.02, 2.0
_STEP = 2**-3

RAIN_PARAMETERS = {
    "log_spread": _SPREAD,
    "smoothing_km": _SMOOTHING_KM,
    "nothing_seen_below_mm": _MISSED_BELOW_MM,
    "false_rain": {"share_of_days": _FALSE_SHARE, "mm": _FALSE_MM},
}
"""What the truth folder says of CHIRPS."""


def chirps_series(truth: WideTruth, seed: int, days: np.ndarray) -> Iterator[ImageSeries]:
    """Return the daily images, a series a year."""
    over = pixel_mean(CHIRPS_GRID)
    for year, positions in by_year(days):
        some = days[positions]
        noise = correlated_noise(
            seed,
            ("chirps", year),
            CHIRPS_GRID,
            some.size,
            memory_steps=0,
            smoothing_km=_SMOOTHING_KM,
        )
        rain = truth.rain(some, over)
        seen = np.where(rain < _MISSED_BELOW_MM, 0, rain * np.exp(_SPREAD * noise - _SPREAD**2 / 2))
        wrong = random_stream(seed, "chirps false rain", year).random(some.size) < _FALSE_SHARE
        seen += np.where(wrong[:, None, None] & (noise > 1), _FALSE_MM, 0)
        stored = rounded(seen, _STEP)
        yield ImageSeries(
            ASSET_ID,
            str(year),
            [image(f"{day}".replace("-", ""), day, timedelta(days=1)) for day in some],
            ({"precipitation": values} for values in stored),
            CHIRPS_GRID,
        )
