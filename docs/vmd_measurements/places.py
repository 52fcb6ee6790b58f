"""Where the defaults find an annual mode."""

from __future__ import annotations

import numpy as np

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_from_text
from vmd_measurements.separation import by_modes, directly, quiet
from vmd_measurements.series import Record


def places_table(records: list[Record]) -> str:
    """What the default settings make of each observed record."""
    rows = []
    for record in records:
        series = record.values
        result = quiet(series)
        _, amplitude = by_modes(result.modes)
        _, direct = directly(series)
        low = result.modes[3] + result.modes[4]
        explained = 1 - np.nanvar(series - low) / np.nanvar(series)
        rows.append(
            [
                record.name,
                f"{series.size / DAYS_PER_YEAR:.1f}",
                f"{np.isfinite(series).mean():.0%}",
                ", ".join(f"{period:.0f}" for period in result.center_periods[:4]),
                "yes" if result.annual_mode_found else "no",
                f"{amplitude:.3f}",
                f"{direct:.3f}",
                f"{explained:.0%}",
                f"{np.nanstd(result.residual) / np.nanstd(series):.0%}",
            ]
        )
    return markdown_from_text(
        [
            "series",
            "years",
            "days there",
            "periods of IMF1-IMF4, days",
            "IMF4 annual",
            "amplitude, sine fitted to IMF4",
            "fitted to the series",
            "variance explained by IMF4 + IMF5",
            "residual, share of sd",
        ],
        rows,
    )
