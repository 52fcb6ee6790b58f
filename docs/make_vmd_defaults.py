"""Tables and figure of docs/vmd-defaults.md: which settings part the year from the trend.

Run ``python docs/make_vmd_defaults.py``; it rewrites what stands between the markers in
docs/vmd-defaults.md and docs/figures/vmd_defaults.png. It needs the observations beside the
checkout (environment variable GEE_SM_SHARED_DATA) and takes a few minutes.
"""

from __future__ import annotations

from pathlib import Path

from page_parts import replace_part
from vmd_measurements.figure import draw
from vmd_measurements.fixed_points import fixed_point_table
from vmd_measurements.gap_filling import gap_table
from vmd_measurements.places import places_table
from vmd_measurements.series import observed_differences, planted, six_year_windows, station_records
from vmd_measurements.settings_grid import grid_scores, grid_table

from local_core.vmd.annual import ANNUAL_PERIOD_DAYS

PAGE = Path(__file__).resolve().parent / "vmd-defaults.md"


def replace_parts(parts: dict[str, str]) -> None:
    """Rewrite what stands between the markers of the page."""
    for name, content in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        replace_part(PAGE, begin, end, f"\n\n{content.rstrip()}\n\n")


def main() -> None:
    """Make everything."""
    whole = observed_differences()
    windows = six_year_windows(whole)
    made = {years: planted(200, years, seed=years) for years in (3, 6, 10)}
    scores = grid_scores(whole, windows, made)
    fixed, n_series = fixed_point_table(windows)
    low, high = ANNUAL_PERIOD_DAYS
    replace_parts(
        {
            "numbers": (
                f"Observed: {len(whole)} records of 17 years and {len(windows)} windows of 6 years "
                f"out of them. Planted: 200 series each of 3, 6 and 10 years. Fixed point: "
                f"{n_series} series of 2,190 days. Annual: {low:.0f} to {high:.0f} days."
            ),
            "grid": grid_table(scores),
            "places": places_table(whole + station_records()),
            "gaps": gap_table(whole),
            "fixed-point": fixed,
        }
    )
    draw(scores, whole[2])


if __name__ == "__main__":
    main()
