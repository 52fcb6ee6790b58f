"""Penalties and starts against observed and planted series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_from_text
from local_core.vmd import LITERATURE
from vmd_measurements.separation import alpha_of, by_modes, directly, quiet, rms
from vmd_measurements.series import Planted, Record

HALF_WIDTHS = (DAYS_PER_YEAR / np.sqrt(2000.0), 3.0, 2.0, 1.5, 1.0, 0.75, 0.5, 0.25)
STARTS: dict[str, dict[str, Any]] = {
    "uniform": {"init": "uniform", "dc": False},
    "zero": {"init": "zero", "dc": False},
    "zero, lowest held": {"init": "zero", "dc": True},
    "annual": {"init": "annual", "dc": False},
    "annual, lowest held": {"init": "annual", "dc": True},
}


def settings_grid() -> list[tuple[float, str, dict[str, Any]]]:
    """Half width [cycles a year], name of the start, arguments."""
    return [
        (width, name, {"alpha": alpha_of(width), **start})
        for width in HALF_WIDTHS
        for name, start in STARTS.items()
    ]


def score_observed(records: list[Record], **options: Any) -> dict[str, float]:
    """Share with an annual IMF4 and amplitude against the direct fit."""
    found, ratio = [], []
    for record in records:
        result = quiet(record.values, **options)
        found.append(bool(result.annual_mode_found))
        ratio.append(by_modes(result.modes)[1] / directly(record.values)[1])
    return {"annual": float(np.mean(found)), "amplitude": float(np.median(ratio))}


def score_planted(made: Planted, **options: Any) -> dict[str, float]:
    """Share with an annual IMF4, recovered amplitude, error against that of the direct fit."""
    result = quiet(made.series, **options)
    truth = made.annual + made.trend
    off_modes, off_direct, ratio = [], [], []
    for row, series in enumerate(made.series):
        curve, amplitude = by_modes(result.modes[row])
        off_modes.append(rms(curve - truth[row]))
        off_direct.append(rms(directly(series)[0] - truth[row]))
        ratio.append(amplitude / made.amplitude[row])
    return {
        "annual": float(result.annual_mode_found.mean()),
        "amplitude": float(np.median(ratio)),
        "amplitude_p10": float(np.quantile(ratio, 0.1)),
        "rmse": rms(np.array(off_modes)),
        "rmse_direct": rms(np.array(off_direct)),
    }


def grid_scores(
    whole: list[Record], windows: list[Record], made: dict[int, Planted]
) -> pd.DataFrame:
    """All settings on all series."""
    rows = []
    cases = [(width, name, options) for width, name, options in settings_grid()]
    cases.append((HALF_WIDTHS[0], "uniform, as vmdpy stops", {**LITERATURE, "compat": True}))
    for width, name, options in tqdm(cases, desc="settings"):
        even = options.get("compat", False)

        def cut(values: NDArray[np.float64], even: bool = even) -> NDArray[np.float64]:
            return values[..., : values.shape[-1] // 2 * 2] if even else values

        row: dict[str, Any] = {"half width": width, "alpha": options["alpha"], "start": name}
        for label, records in (("17 years", whole), ("6 years", windows)):
            scores = score_observed([Record(r.name, cut(r.values)) for r in records], **options)
            row |= {f"observed {label} {key}": value for key, value in scores.items()}
        for years, parts in made.items():
            scores = score_planted(
                Planted(*(cut(p) for p in parts[:3]), parts.amplitude), **options
            )
            row |= {f"planted {years} {key}": value for key, value in scores.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def grid_table(scores: pd.DataFrame) -> str:
    """Settings against series."""
    ordered = scores.sort_values(["half width", "start"], ascending=[False, True], kind="stable")
    return markdown_from_text(
        [
            "half width, cycles a year",
            "alpha",
            "start",
            "IMF4 annual: observed 17 y",
            "observed 6 y",
            "planted 3 y",
            "6 y",
            "10 y",
            "amplitude: observed 6 y",
            "planted 6 y (lowest tenth)",
            "error: planted 3 y",
            "6 y",
            "10 y",
        ],
        (
            [
                f"{row['half width']:.3g}",
                f"{row['alpha']:,.0f}",
                row["start"],
                f"{row['observed 17 years annual']:.0%}",
                f"{row['observed 6 years annual']:.0%}",
                *(f"{row[f'planted {years} annual']:.0%}" for years in (3, 6, 10)),
                f"{row['observed 6 years amplitude']:.2f}",
                f"{row['planted 6 amplitude']:.2f} ({row['planted 6 amplitude_p10']:.2f})",
                *(
                    f"{row[f'planted {years} rmse'] / row[f'planted {years} rmse_direct']:.2f}"
                    for years in (3, 6, 10)
                ),
            ]
            for _, row in ordered.iterrows()
        ),
    )
