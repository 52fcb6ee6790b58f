"""Refit eq. 7 on the public tables and write the results section of calibration.md.

Run ``python docs/make_calibration.py --data FOLDER``, FOLDER holding the two repositories named in
calibration.md (default: the folder the tests use).
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from page_parts import replace_part

from local_core.calibration import (
    PRESETS,
    BackscatterReference,
    Calibration,
    SampleColumns,
    SampleTable,
    calibrate,
    published_coefficients,
    read_sample_table,
)
from local_core.calibration.figures import write_calibration_figure
from local_core.metrics import scores
from local_core.validation import markdown_table

DOCS = Path(__file__).resolve().parent
BEGIN, END = "<!-- results: written by make_calibration.py -->", "<!-- end of results -->"
N_SPLITS = 10_000

GAUGES = Path("mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu")
RISMA = Path("abalmumcu__sen1-sen2-soil-moisture/RISMA/Sentinel-1-Prep.csv")
CLEAR = "B2 < 2500"


def main() -> None:
    """Rewrite the results section of calibration.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the public tables")
    data = Path(parser.parse_args().data)
    figures = DOCS / "figures"
    figures.mkdir(exist_ok=True)
    text = "\n".join([*gauge_points(data, figures), *risma(data, figures), *speed()])
    replace_part(DOCS / "calibration.md", BEGIN, END, f"\n\n{text}\n")


def gauge_points(data: Path, figures: Path) -> list[str]:
    """Refit on the Earth Engine export, in variants."""
    preset = PRESETS["gauge-points"]
    winter = BackscatterReference(kind="winter")
    variants = {
        "preset: all months, driest reference": preset,
        "all months, winter (Jan-Feb) reference": replace(preset, reference=winter),
        "all months, no cloud screen": replace(preset, where=None),
        "July and August": replace(preset, where=f"{CLEAR} and month in [7, 8]"),
        "July and August, winter reference": replace(
            preset, reference=winter, where=f"{CLEAR} and month in [7, 8]"
        ),
        "July and August, winter reference, difference > 0": replace(
            preset,
            reference=winter,
            where=f"{CLEAR} and month in [7, 8] and delta_sigma0_db > 0",
        ),
    }
    runs = {
        name: calibrate(read_gauges(data, c), n_splits=N_SPLITS) for name, c in variants.items()
    }
    first = next(iter(runs.values()))
    write_calibration_figure(first, figures / "calibrate_gauge_points.png")
    table = first.random_splits.table()
    grouped = first.grouped_splits.r2_validation
    low, high = np.nanquantile(grouped, [0.05, 0.95])
    return [
        "### Gauges in the United States (Earth Engine export)",
        "",
        f"{first.samples.notes[-1]}; {len(first.held_out.group_labels)} stations, 2019 to 2021. "
        "Held-out scores: each station predicted by a fit on the others, 95 % intervals by drawing "
        'stations. "Mean of others" is the RMSE of predicting every station by the mean of the '
        "other stations.",
        "",
        markdown_table(held_out_table(runs)),
        "Coefficients with their standard errors, clustered by station:",
        "",
        markdown_table(coefficient_table(runs)),
        f"Random divisions of samples for the first row, in the form of Table 3 ({N_SPLITS} "
        "divisions, 8:2):",
        "",
        markdown_table(table.rename_axis("row"), digits=4),
        f"Training and validation R2 correlate at {first.random_splits.r2_correlation:.3f}. With "
        f"whole stations held out, validation R2 has the median {np.nanmedian(grouped):.3f} and a "
        f"5 to 95 % range from {low:.3f} to {high:.3f}.",
        "",
        "![Divisions and held-out predictions at the gauges](figures/calibrate_gauge_points.png)",
        "",
        "The published coefficients, applied as they are to the variant nearest to the paper (July "
        "and August, winter reference, difference > 0):",
        "",
        markdown_table(published_table(runs["July and August, winter reference, difference > 0"])),
    ]


def risma(data: Path, figures: Path) -> list[str]:
    """Refit on the overpasses of one station, in variants."""
    preset = PRESETS["risma-overpasses"]
    one = ("delta_sigma0_db",)
    variants = {
        "preset: all unfrozen overpasses": (preset, one),
        "May to October": (replace(preset, where="soil_moisture > 0 and 5 <= month <= 10"), one),
        "July and August": (replace(preset, where="soil_moisture > 0 and month in [7, 8]"), one),
        "July and August, with VH/VV": (
            replace(preset, where="soil_moisture > 0 and month in [7, 8]"),
            ("delta_sigma0_db", "VH/VV"),
        ),
    }
    runs = {
        name: calibrate(
            read_sample_table(data / RISMA, columns),
            predictors=predictors,
            group="year",
            n_splits=N_SPLITS,
        )
        for name, (columns, predictors) in variants.items()
    }
    write_calibration_figure(runs["July and August"], figures / "calibrate_risma.png")
    return [
        "",
        "### One RISMA station in Manitoba",
        "",
        "One place only, so whole years are left out (intervals by drawing six years are rough). "
        "NDVI and NDMI are not in the table.",
        "",
        markdown_table(held_out_table(runs, group="years")),
        markdown_table(coefficient_table(runs)),
        "![Divisions and held-out predictions, July and August](figures/calibrate_risma.png)",
        "",
    ]


def read_gauges(data: Path, columns: SampleColumns) -> SampleTable:
    """Read the export beside its measurements."""
    folder = data / GAUGES
    return read_sample_table(
        folder / "InSituGEEOutputs/SMGaugePoints2.csv",
        columns,
        truth=folder / "SoilMoistureDataFrameGreaterThan80.csv",
    )


def held_out_table(runs: dict[str, Calibration], group: str = "stations") -> pd.DataFrame:
    """Scores at groups left out, one row per variant."""
    rows = {}
    for name, run in runs.items():
        s = run.held_out.scores()
        rows[name] = {
            "n": s["n"],
            group: len(run.held_out.group_labels),
            "held-out r": f"{s['r']:.2f} [{s['r_lower']:.2f}, {s['r_upper']:.2f}]",
            "held-out RMSE": f"{s['rmse']:.3f} [{s['rmse_lower']:.3f}, {s['rmse_upper']:.3f}]",
            "mean of others": run.baseline_rmse,
            "held-out R2": f"{s['r2']:.2f}",
            "R2 of the fit": f"{run.fit.r2_:.2f}",
            "random-split R2": f"{np.nanmedian(run.random_splits.r2_validation):.2f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")


def coefficient_table(runs: dict[str, Calibration]) -> pd.DataFrame:
    """Coefficients and standard errors, one row per variant."""
    rows = {}
    for name, run in runs.items():
        c = run.coefficients
        rows[name] = {
            label: f"{value:.4f} +- {std:.4f}"
            for label, value, std in zip([*c.predictors, "constant"], c.values, c.std)
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")
    return table[[c for c in table if c != "constant"] + ["constant"]].fillna("-")


def published_table(run: Calibration) -> pd.DataFrame:
    """Scores of the published coefficients on the samples of a run."""
    frame = run.samples.frame
    x = frame[["delta_sigma0_db", "ndvi", "ndmi"]].to_numpy()
    rows = {}
    for orbit in ("ascending", "descending"):
        s = scores(
            published_coefficients(orbit).predict(x),
            frame["soil_moisture"].to_numpy(),
            interval="bootstrap",
            groups=frame["station"],
        )
        rows[f"Li et al. (2025), {orbit}"] = score_row(s)
    rows["refitted, stations held out"] = score_row(run.held_out.scores())
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("coefficients")


def score_row(s: dict[str, float]) -> dict[str, object]:
    """Scores with their intervals as text."""
    row: dict[str, object] = {"n": s["n"]}
    for name in ("r", "bias", "rmse", "ubrmse"):
        row[name] = f"{s[name]:.3f} [{s[f'{name}_lower']:.3f}, {s[f'{name}_upper']:.3f}]"
    return row


def speed() -> list[str]:
    """Quote the benchmark."""
    path = DOCS.parent / "benchmarks" / "results" / "calibration.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    seconds, ratio = result["seconds"], result["ratio"]
    rows = pd.DataFrame(
        {"milliseconds": {name: f"{1000 * s:.1f}" for name, s in seconds.items()}}
    ).rename_axis("what")
    return [
        "### Speed",
        "",
        f"{result['n_splits']} divisions of {result['n_samples']} samples, three predictors, on "
        f"{result['machine']}, with other work on the machine "
        "(`benchmarks/bench_calibration.py`):",
        "",
        markdown_table(rows),
        f"Ratio to the scikit-learn loop in that run: {ratio['scikit-learn / ours, median']:.0f} "
        f"(median of 7), although the loop was given its divisions and the batch draws its own; to "
        f"a loop over `numpy.linalg.lstsq`: {ratio['numpy lstsq / ours, median']:.0f}. Largest "
        f"difference from scikit-learn over all coefficients and R2: "
        f"{max(result['largest_difference'].values()):.0e}. Peak memory: {result['peak_mb']:.0f} "
        "MB, which grows with the results alone. The floor of this approach is the product of "
        "memberships and columns; drawing exact divisions costs about as much.",
        "",
    ]


if __name__ == "__main__":
    main()
