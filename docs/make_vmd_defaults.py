"""Tables and figure of docs/vmd-defaults.md: which settings part the year from the trend.

Run ``python docs/make_vmd_defaults.py``; it rewrites what stands between the markers in
docs/vmd-defaults.md and docs/figures/vmd_defaults.png. It needs the observations beside the
checkout (environment variable GEE_SM_SHARED_DATA) and takes a few minutes.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from page_parts import replace_part
from scipy.signal import lfilter
from tqdm import tqdm

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_from_text
from local_core.stations.daily_means import daily_means
from local_core.stations.ismn_archive import read_ismn
from local_core.vmd import LITERATURE, ModePeriodWarning, VmdResult, decompose
from local_core.vmd.annual import ANNUAL_PERIOD_DAYS

DOCS = Path(__file__).parent
PAGE = DOCS / "vmd-defaults.md"
FIGURE = DOCS / "figures" / "vmd_defaults.png"
DATA = Path(os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data"))

HALF_WIDTHS = (DAYS_PER_YEAR / np.sqrt(2000.0), 3.0, 2.0, 1.5, 1.0, 0.75, 0.5, 0.25)
STARTS: dict[str, dict[str, Any]] = {
    "uniform": {"init": "uniform", "dc": False},
    "zero": {"init": "zero", "dc": False},
    "zero, lowest held": {"init": "zero", "dc": True},
    "annual": {"init": "annual", "dc": False},
    "annual, lowest held": {"init": "annual", "dc": True},
}
SIX_YEARS = round(6 * DAYS_PER_YEAR)


class Record(NamedTuple):
    """A daily series with the place it is from."""

    name: str
    values: NDArray[np.float64]


# --- series -------------------------------------------------------------------------------------


def observed_differences() -> list[Record]:
    """ESA CCI minus GLDAS-2.1 soil moisture at seven grid points, 2000-2016 [m3 m-3]."""
    records = []
    for path in sorted((DATA / "TUW-GEO__pybreaks/tests/test-data/csv_ts").glob("data_*.csv")):
        table = pd.read_csv(path, index_col=0, parse_dates=True)
        if "gldas_v21" in table:
            difference = (table["CCI_41_COMBINED"] - table["gldas_v21"]) / 100
            record = difference["2000":"2016"].asfreq("D").to_numpy()
            records.append(Record(path.stem.removeprefix("data_"), record))
    return records


def six_year_windows(records: Iterable[Record]) -> list[Record]:
    """Windows of the length the paper fits on (2004-2010), a year and a half apart."""
    return [
        Record(f"{record.name} day {first}", record.values[first : first + SIX_YEARS])
        for record in records
        for first in range(0, record.values.size - SIX_YEARS + 1, 548)
    ]


def station_records() -> list[Record]:
    """Differences between depths of a station, and records of one depth, from short to long."""
    table = pd.read_csv(DATA / "soilwater__pynotes-agriscience/datasets/KS_Manhattan_6_SSW.csv")
    table.index = pd.to_datetime(table["LST_DATE"].astype(str))
    depths = table[["SOIL_MOISTURE_5_DAILY", "SOIL_MOISTURE_20_DAILY"]].asfreq("D")
    depths = depths.where(depths > -90).dropna(how="all").asfreq("D").to_numpy()
    records = [Record("USCRN Manhattan, 5 cm minus 20 cm", depths[:, 0] - depths[:, 1])]
    short = DATA / "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu"
    for label, folder, lower in (
        ("USCRN Stillwater", "USCRN/Stillwater-2-W", 20),
        ("ARM Lamont", "ARM/Lamont-CF1", 50),
        ("USCRN Lincoln", "USCRN/Lincoln-8-ENE", 50),
    ):
        daily = _daily(short / "InSituDownload1" / folder)
        records.append(Record(f"{label}, 5 cm minus {lower} cm", daily[5] - daily[lower]))
    ismn = DATA / "TUW-GEO__pytesmo-test-data/ismn/multinetwork/header_values"
    records.append(Record("SCAN Abrams, 5 cm itself", _daily(ismn / "SCAN/Abrams")[5]))
    records.append(Record("MAQU CST-01, 5 cm itself", _daily(ismn / "MAQU/CST-01")[5]))
    return records


def _daily(folder: Path) -> dict[int, NDArray[np.float64]]:
    """Daily means of the soil-moisture sensors of a station by depth [cm], on one axis."""
    sensors = [record for record in read_ismn(folder) if record.variable == "soil_moisture"]
    start = min(sensor.time[0] for sensor in sensors).astype("datetime64[D]")
    end = max(sensor.time[-1] for sensor in sensors).astype("datetime64[D]")
    days = np.arange(start, end + 1)
    return {
        sensor.depth_cm: daily_means(
            sensor.time, sensor.value, days, step_hours=sensor.step_hours
        ).mean
        for sensor in sensors
    }


class Planted(NamedTuple):
    """Made series with what was put into them."""

    series: NDArray[np.float64]
    annual: NDArray[np.float64]
    trend: NDArray[np.float64]
    amplitude: NDArray[np.float64]


def planted(n_series: int, n_years: float, seed: int) -> Planted:
    """Offset, trend and year, under half-year cycle, red noise of days and of seasons, and white.

    Amplitude 0.01-0.08, offset -0.4 to -0.02, trend up to 0.004 a year, red noise of 5-40 days
    0.005-0.03, of 200 days up to 0.015, white 0.002-0.01, all m3 m-3 and drawn evenly.
    """
    rng = np.random.default_rng(seed)
    days = np.arange(round(n_years * DAYS_PER_YEAR))

    def drawn(low: float, high: float) -> NDArray[np.float64]:
        return rng.uniform(low, high, (n_series, 1))

    def red(length_days: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = []
        for length in length_days.ravel():
            memory = np.exp(-1 / length)
            white = rng.standard_normal(days.size + 2000)
            rows.append(lfilter([np.sqrt(1 - memory**2)], [1, -memory], white)[2000:])
        return np.stack(rows)

    cycle = 2 * np.pi * days / DAYS_PER_YEAR
    amplitude = drawn(0.01, 0.08)
    annual = amplitude * np.cos(cycle + drawn(0, 2 * np.pi))
    trend = drawn(-0.4, -0.02) + drawn(-0.004, 0.004) * (days - days.mean()) / DAYS_PER_YEAR
    noise = drawn(0, 0.6) * amplitude * np.cos(2 * cycle + drawn(0, 2 * np.pi))
    noise = noise + drawn(0.005, 0.03) * red(drawn(5, 40))
    noise += drawn(0, 0.015) * red(np.full((n_series, 1), 200.0))
    noise += drawn(0.002, 0.01) * rng.standard_normal(noise.shape)
    return Planted(annual + trend + noise, annual, trend, amplitude[:, 0])


# --- what is asked of a decomposition -----------------------------------------------------------


def quiet(series: NDArray[np.float64], **options: Any) -> VmdResult:
    """Decompose without the warning that this page is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModePeriodWarning)
        return decompose(series, **{"min_valid_fraction": 0.3, "gaps": "harmonic", **options})


def alpha_of(half_width: float) -> float:
    """Penalty for a half width in cycles a year."""
    return (DAYS_PER_YEAR / half_width) ** 2


def bases(n_days: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns of equations 6 and 7: sine and cosine of a year, time and one."""
    days = np.arange(n_days)
    cycle = 2 * np.pi * days / DAYS_PER_YEAR
    sine = np.stack([np.sin(cycle), np.cos(cycle)], axis=-1)
    return sine, np.stack([days / DAYS_PER_YEAR, np.ones(n_days)], axis=-1)


def fitted(
    columns: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least-squares curve over all days, and its coefficients, from the days that are there."""
    known = np.isfinite(values)
    coefficients = np.linalg.lstsq(columns[known], values[known])[0]
    return columns @ coefficients, coefficients


def by_modes(modes: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Sum of equations 6 and 7 fitted to IMF4 and IMF5, and the amplitude of the sine."""
    sine, line = bases(modes.shape[-1])
    annual, coefficients = fitted(sine, modes[3])
    slow, _ = fitted(line, modes[4])
    return annual + slow, float(np.hypot(*coefficients))


def directly(series: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Sine, cosine and line fitted to the series itself, and the amplitude."""
    curve, coefficients = fitted(np.hstack(bases(series.size)), series)
    return curve, float(np.hypot(*coefficients[:2]))


def rms(values: NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.nanmean(np.square(values))))


# --- tables -------------------------------------------------------------------------------------


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


# --- figure -------------------------------------------------------------------------------------

COLOURS = {
    "uniform": "#999999",
    "zero": "#56b4e9",
    "zero, lowest held": "#0072b2",
    "annual": "#e69f00",
    "annual, lowest held": "#d55e00",
}


def draw(scores: pd.DataFrame, example: Record) -> None:
    """Scores over the half width, and one observed series under two settings."""
    figure = plt.figure(figsize=(11, 8.2), layout="constrained")
    grid = figure.add_gridspec(2, 6, height_ratios=[1, 1.15])
    panels = (
        ("observed 6 years annual", "IMF4 annual, share of series", "Observed, windows of 6 years"),
        ("planted 6 annual", "IMF4 annual, share of series", "Planted, 6 years"),
        ("error", "RMSE / RMSE of direct fit", "Planted, 6 years: year + trend"),
    )
    scores = scores.assign(error=scores["planted 6 rmse"] / scores["planted 6 rmse_direct"])
    for place, (column, label, title) in enumerate(panels):
        axis = figure.add_subplot(grid[0, 2 * place : 2 * place + 2])
        for name, colour in COLOURS.items():
            part = scores[scores["start"] == name]
            dashed = "--" if name.startswith("zero") else "-"
            axis.plot(
                part["half width"], part[column], dashed, marker="o", ms=4, color=colour, label=name
            )
        axis.axvline(1.0, color="black", lw=0.8, ls=":")
        axis.set_xscale("log")
        axis.set_xticks(HALF_WIDTHS, [f"{width:.2g}" for width in HALF_WIDTHS], fontsize=8)
        axis.minorticks_off()
        axis.set_xlabel("half width of the filters, cycles a year")
        axis.set_ylabel(label)
        axis.set_title(title, fontsize=10)
        if column == "error":
            axis.set_ylim(0.9, None)
        else:
            axis.set_ylim(-0.03, 1.03)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        title="start of the centre frequencies",
        loc="outside upper center",
        ncols=len(COLOURS),
        fontsize=9,
        title_fontsize=9,
    )
    years = 2000 + np.arange(example.values.size) / DAYS_PER_YEAR
    sine, _ = bases(example.values.size)
    views = (("alpha 2000, uniform start", dict(LITERATURE)), ("default settings", {}))
    shared = None
    for place, (title, options) in enumerate(views):
        axis = figure.add_subplot(grid[1, 3 * place : 3 * place + 3], sharey=shared)
        shared = axis
        result = quiet(example.values, **options)
        known = np.isfinite(example.values)
        axis.plot(years, example.values, color="#cccccc", lw=0.5, label="difference")
        for mode, colour in ((3, "#d55e00"), (4, "#0072b2")):
            period = result.center_periods[mode]
            centre = f"{period:.0f} d" if period < 1e4 else "more than 10,000 d"
            axis.plot(
                years[known],
                result.modes[mode, known],
                color=colour,
                lw=1.4,
                label=f"IMF{mode + 1}, {centre}",
            )
        axis.plot(
            years,
            fitted(sine, result.modes[3])[0],
            color="black",
            lw=0.9,
            ls="--",
            label="eq. 6 fitted to IMF4",
        )
        axis.set_title(f"ESA CCI minus GLDAS at grid point {example.name}: {title}", fontsize=10)
        axis.set_ylabel("soil moisture, m$^3$ m$^{-3}$")
        axis.set_xlabel("year")
        axis.set_xlim(years[0], years[-1])
        axis.set_ylim(-0.16, 0.16)
        axis.legend(fontsize=8, ncols=2, loc="lower left")
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=130)
    plt.close(figure)


# --- page ---------------------------------------------------------------------------------------


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
