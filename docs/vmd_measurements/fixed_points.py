"""Whether the accelerated iteration ends where the plain one does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from local_core.markdown_table import markdown_from_text
from local_core.vmd import LITERATURE
from vmd_measurements.separation import alpha_of, quiet
from vmd_measurements.series import Record, planted


def fixed_point_table(windows: list[Record]) -> tuple[str, int]:
    """Whether the descent ends where the plain passes end."""
    made = np.concatenate(
        [planted(150, years, seed=900 + years).series[:, :2190] for years in (6, 10)]
    )
    interpolated = np.stack(
        [
            pd.Series(record.values[:2190]).interpolate(limit_direction="both").to_numpy()
            for record in windows
        ]
    )
    series = np.concatenate([made, interpolated])
    size = series.std(axis=-1)[:, None, None]
    cases: dict[str, dict[str, Any]] = {
        "default": {},
        "annual, lowest free": {"dc": False},
        "annual, half width 0.5": {"alpha": alpha_of(0.5)},
        "zero, lowest held, half width 1": {"init": "zero"},
        "zero, half width 2": {"alpha": alpha_of(2.0), "init": "zero", "dc": False},
        "zero, alpha 2000": {"alpha": 2000.0, "init": "zero", "dc": False},
        "uniform, half width 2": {"alpha": alpha_of(2.0), "init": "uniform", "dc": False},
        "uniform, alpha 2000": dict(LITERATURE),
    }
    rows = []
    for name, options in tqdm(cases.items(), desc="fixed point"):
        end = quiet(series, **options, accelerate=False, tol=1e-24, max_iter=100_000)
        plain = quiet(series, **options, accelerate=False)
        fast = quiet(series, **options)
        single = quiet(series, **options, dtype=np.float32)
        known = end.converged
        off = {
            key: (np.abs(found.modes - end.modes) / size)[known].max(axis=(1, 2))
            for key, found in (("plain", plain), ("fast", fast), ("single", single))
        }
        rows.append(
            [
                name,
                f"{int(known.sum())}",
                f"{(off['fast'] < 1e-5).mean():.1%}",
                f"{np.median(off['fast']):.0e}",
                f"{np.quantile(off['single'], 0.99):.0e}",
                f"{np.median(off['plain']):.0e}",
                f"{off['plain'].max():.0e}",
                f"{end.n_iter.mean():.0f} ({end.n_iter.max()})",
                f"{plain.n_iter.mean():.0f} ({plain.n_iter.max()})",
                f"{fast.n_iter.mean():.0f} ({fast.n_iter.max()})",
            ]
        )
    header = [
        "settings",
        "series",
        "same fixed point",
        "distance, median",
        "in float32, 99 of 100",
        "plain passes stopped at 1e-7: median",
        "largest",
        "passes: plain to the end, mean (max)",
        "plain to 1e-7",
        "with descent",
    ]
    return markdown_from_text(header, rows), series.shape[0]
