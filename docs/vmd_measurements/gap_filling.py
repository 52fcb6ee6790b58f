"""What the rules for gaps leave of the annual wave and the trend."""

from __future__ import annotations

import numpy as np

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_from_text
from local_core.vmd import VmdResult
from vmd_measurements.separation import by_modes, quiet, rms
from vmd_measurements.series import Planted, Record, planted


def fit_error(result: VmdResult, made: Planted) -> float:
    """Error of year and trend fitted to IMF4 and IMF5 over all series."""
    truth = made.annual + made.trend
    return rms(np.stack([by_modes(modes)[0] for modes in result.modes]) - truth)


def gap_table(observed: list[Record]) -> str:
    """What filling costs: the same made series with and without gaps."""
    made = planted(140, observed[0].values.size / DAYS_PER_YEAR, seed=77)
    complete = quiet(made.series)
    masks = {
        "as in the observed records (17 to 35 % of the days)": np.stack(
            [~np.isfinite(record.values) for record in observed] * 20
        ),
        "four months every winter": np.tile(
            np.abs((np.arange(made.series.shape[1]) % DAYS_PER_YEAR) - 182.6) > 121.75, (140, 1)
        ),
        "one year in the middle": np.tile(
            np.abs(np.arange(made.series.shape[1]) - made.series.shape[1] / 2) < 182.6, (140, 1)
        ),
    }
    rows = []
    for name, gaps in masks.items():
        for policy in ("interpolate", "harmonic"):
            result = quiet(np.where(gaps, np.nan, made.series), gaps=policy)
            off = [
                rms(np.where(gaps, np.nan, result.modes[:, mode] - complete.modes[:, mode]))
                for mode in (3, 4)
            ]
            rows.append(
                [
                    name,
                    policy,
                    f"{result.annual_mode_found.mean():.0%}",
                    *(f"{value:.4f}" for value in off),
                    *(f"{fit_error(found, made):.4f}" for found in (result, complete)),
                ]
            )
    return markdown_from_text(
        [
            "gaps",
            "policy",
            "IMF4 annual",
            "change of IMF4 by the gaps",
            "of IMF5",
            "error of the fitted year and trend",
            "without gaps",
        ],
        rows,
    )
