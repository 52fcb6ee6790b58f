"""Validate public series and write the results section of validation.md.

Run ``python docs/make_validation.py --data FOLDER``, FOLDER holding the repositories named in
validation.md (default: the folder the tests use).
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from core_sites import PRODUCTS, core_site_tables
from matplotlib.figure import Figure
from page_parts import replace_part

from local_core.metrics import moving_average, scores
from local_core.validation import (
    SeriesOptions,
    StationSeries,
    Validation,
    formatted_scores,
    markdown_table,
    read_series,
    transect,
    validate,
)
from local_core.validation.distribution_figure import draw_distributions
from local_core.validation.scatter_figure import draw_scatter
from local_core.validation.taylor_diagram import draw_taylor, taylor_points
from local_core.validation.time_series_figure import draw_time_series
from local_core.validation.transect_figure import draw_transect

DOCS = Path(__file__).resolve().parent
FIGURES = DOCS / "figures"
BEGIN, END = "<!-- results: written by make_validation.py -->", "<!-- end of results -->"


def main() -> None:
    """Rewrite the results section of validation.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the public series")
    data = Path(parser.parse_args().data)
    FIGURES.mkdir(exist_ok=True)
    parts = [core_sites(data), ascat(data), pictures(data), coverage(), speed()]
    text = "\n".join(line for part in parts for line in part)
    replace_part(DOCS / "validation.md", BEGIN, END, f"\n\n{text}\n")


def core_sites(data: Path) -> list[str]:
    """SMAP and ECMWF at nine core validation sites."""
    tables = core_site_tables(data)
    sites = pd.DataFrame(index=pd.Index(list(tables), name="station"))
    series = {
        product: StationSeries({name: table[product] for name, table in tables.items()}, sites)
        for product in PRODUCTS
    }
    measured = series.pop("in situ")
    result = validate(series, measured, by=["station", "season"], anomalies=["moving_window"])
    draw_core_sites(result)
    columns = ("r", "bias", "rmse", "ubrmse")
    stations = result.tables["values", "station"]
    return [
        "### SMAP and ECMWF at nine core sites",
        "",
        "Overpasses of April 2015 to August 2016 (github.com/grey-nearing/triple_collocation): "
        "SMAP at 36 km, ECMWF's top layer, and the weighted mean of dense networks. All pairs "
        "together, intervals by drawing stations:",
        "",
        markdown_table(summary(result, "values", columns)),
        "Medians over the nine sites:",
        "",
        markdown_table(result.medians["values", "all"].droplevel("all")),
        "Anomalies from the 35-day window:",
        "",
        markdown_table(summary(result, "moving_window", columns)),
        "Site by site, intervals in closed form with the effective sample size:",
        "",
        markdown_table(formatted_scores(stations, ("n", *columns))),
        "![Scatter](figures/validate_scatter.png)",
        "",
        "![Distributions of the sites' scores](figures/validate_distributions.png)",
        "",
        "![Taylor diagram](figures/validate_taylor.png)",
        "",
        "Pooling all pairs is kind to a product that gets differences between sites right and hard "
        "on one that does not: ECMWF's pooled correlation is far below the median of its sites, "
        "because its biases differ from site to site. That is why the report shows both.",
        "",
    ]


def draw_core_sites(result: Validation) -> None:
    """Scatter, violins and Taylor diagram of the core sites."""
    pairs = {name: p.table for name, p in result.pairs["values"].items()}
    figure = Figure(figsize=(9.6, 4.8), layout="constrained")
    for ax, (name, table) in zip(figure.subplots(1, 2), pairs.items()):
        draw_scatter(ax, table["estimate"], table["reference"], title=name)
    figure.savefig(FIGURES / "validate_scatter.png", dpi=110)
    stations = result.tables["values", "station"]
    figure = Figure(figsize=(9.5, 3.6), layout="constrained")
    tables = {name: stations.xs(name, level="product") for name in pairs}
    draw_distributions(figure.subplots(1, 3), tables)
    figure.savefig(FIGURES / "validate_distributions.png", dpi=110)
    points = {}
    for name, table in pairs.items():
        for site in ("Yanco", "REMEDHUS", "Carman"):
            part = table[table["station"] == site]
            points |= taylor_points({f"{name}, {site}": part["estimate"]}, part["reference"])
    figure = Figure(figsize=(7.4, 4.6), layout="constrained")
    draw_taylor(figure, points)
    figure.savefig(FIGURES / "validate_taylor.png", dpi=110)


def ascat(data: Path) -> list[str]:
    """An irregular product against an hourly station."""
    folder = data / "TUW-GEO__pytesmo/tests/test_validation_framework"
    product = read_series(folder / "ASCAT.csv", SeriesOptions(variable="sm", factor=0.01))
    station = read_series(
        folder / "ISMN.csv",
        SeriesOptions(variable="soil_moisture", where="soil_moisture_flag == 'G'"),
    )
    rows = {}
    for rescale in ("none", "mean_std"):
        result = validate(
            {"ASCAT": product},
            station,
            by=["season"],
            anomalies=["moving_window", "climatology"],
            window="1h",
            rescale=rescale,
        )
        for kind in ("values", "moving_window", "climatology"):
            label = "as it is" if rescale == "none" else "rescaled (mean, sd)"
            rows[label, kind] = result.tables[kind, "all"].iloc[0]
    table = pd.DataFrame(rows).T.rename_axis(["degree of saturation", "of"])
    table["n"] = table["n"].astype(int)
    return [
        "### ASCAT overpasses against an hourly station",
        "",
        "Metop ASCAT (degree of saturation, 0 to 1) at irregular times, paired with the nearest "
        "good hourly value within one hour (github.com/TUW-GEO/pytesmo test data, 2017). A degree "
        "of saturation has no bias in m3 m-3; rescaled, correlation and ubRMSE are what is left:",
        "",
        markdown_table(formatted_scores(table, ("n", "r", "spearman_r", "bias", "ubrmse"))),
    ]


def pictures(data: Path) -> list[str]:
    """Time series with rain, and a transect across the plateau."""
    path = data / "abalmumcu__sen1-sen2-soil-moisture/RISMA/dataset/datasets/Manitoba_Station_1.csv"
    frame = pd.read_csv(path, encoding="utf-8-sig")
    time = pd.to_datetime(frame.iloc[:, 0], dayfirst=True)
    moisture_name = next(c for c in frame if "0-5 cm" in c and "WFV" in c)
    rain_name = next(c for c in frame if "Precip" in c)
    frame = frame.set_index(time).sort_index()
    frame = frame[~frame.index.duplicated()].loc["2019-04-15":"2019-10-31"]
    moisture = pd.to_numeric(frame[moisture_name], errors="coerce") / 100
    moisture = moisture.where(moisture > 0)
    smooth = pd.Series(moving_average(moisture, moisture.index.values), moisture.index)
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    draw_time_series(
        figure.subplots(),
        {"measured, 0-5 cm": moisture, "35-day moving window": smooth},
        reference="measured, 0-5 cm",
        rain=pd.to_numeric(frame[rain_name], errors="coerce"),
        title="RISMA Manitoba, station 1",
    )
    figure.savefig(FIGURES / "validate_time_series.png", dpi=110)
    granule = (
        data / "TUW-GEO__rs_data_readers-test-data/img2ts_test/netcdf/2016/001"
        "/GLDAS_NOAH025_3H.A20160101.0300.021.nc4"
    )
    with xr.open_dataset(granule) as dataset:
        layers = {
            "GLDAS-2.1, 0-10 cm": dataset["SoilMoi0_10cm_inst"].isel(time=0).load() / 100,
            "GLDAS-2.1, 10-40 cm": dataset["SoilMoi10_40cm_inst"].isel(time=0).load() / 300,
        }
    lines = {name: transect(field, (32.0, 78.0), (33.5, 102.5)) for name, field in layers.items()}
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    draw_transect(figure.subplots(), lines, title="32.0 N 78.0 E to 33.5 N 102.5 E, 1 January 2016")
    figure.savefig(FIGURES / "validate_transect.png", dpi=110)
    return [
        "### Other pictures",
        "",
        "A station with its 35-day moving window and rain (what anomalies are taken from), and a "
        "transect across the plateau through one GLDAS granule:",
        "",
        "![Time series with rain](figures/validate_time_series.png)",
        "",
        "![Transect](figures/validate_transect.png)",
        "",
    ]


def coverage() -> list[str]:
    """Count how often 95 % intervals hold the truth, on series with known scores."""
    rng = np.random.default_rng(7)
    r, bias, sd, n_series = 0.8, 0.03, 0.04, 600
    truth = {"r": r, "bias": bias, "ubrmse": sd, "rmse": float(np.hypot(bias, sd))}
    kinds = {
        "closed form": {"interval": "analytic"},
        "closed form, ar1": {"interval": "analytic", "autocorrelation": "ar1"},
        "bootstrap, single days": {"interval": "bootstrap", "block_length": 1, "n_boot": 400},
        "bootstrap, blocks": {"interval": "bootstrap", "n_boot": 400},
    }
    rows = []
    for memory in (0.0, 0.6, 0.9):
        for length in (200, 1000):
            a, b = autoregressive(rng, 2 * n_series, length, memory).reshape(2, n_series, length)
            scale = sd / np.sqrt(2 * (1 - r))
            common, own = np.sqrt((1 + r) / 2) * a, np.sqrt((1 - r) / 2) * b
            x, y = scale * (common + own) + bias, scale * (common - own)
            for kind, options in kinds.items():
                result = scores(x, y, metrics=list(truth), **options)
                inside = {
                    name: ((result[f"{name}_lower"] <= v) & (v <= result[f"{name}_upper"])).mean()
                    for name, v in truth.items()
                }
                rows.append({"memory": f"{memory:.1f}", "days": length, "interval": kind, **inside})
    table = pd.DataFrame(rows).set_index(["memory", "days", "interval"])
    return [
        "### Do the intervals hold what they promise?",
        "",
        f"Share of {n_series} synthetic series whose 95 % interval contains the true score (normal "
        'values, AR(1) with the lag-one autocorrelation under "memory"; sampling error about '
        "0.01):",
        "",
        markdown_table(table, digits=2),
        "Without memory all are right. With the memory of daily soil moisture, plain intervals "
        "are wrong by far. The closed forms with the AR(1) effective sample size are close to what "
        "they promise; block bootstraps fall short on short series, and are for scores that have "
        "no closed form.",
        "",
    ]


def speed() -> list[str]:
    """Quote the benchmark."""
    path = DOCS.parent / "benchmarks" / "results" / "metrics.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    rows = pd.DataFrame(result["rows"]).set_index("what")
    many = result["scores_of_many_pixels"]
    return [
        "### Speed",
        "",
        f"1826 days, 30 % gaps, {result['machine']}, with other work on the machine "
        "(`benchmarks/bench_metrics.py`); pytesmo and scipy pixel by pixel in the same run:",
        "",
        markdown_table(rows, digits=2),
        f"All scores of {many['pixels']} pixels: {many['seconds']:.1f} s, most of it sorting for "
        "Spearman's rank correlation; leave it out with `metrics=` where it is not needed.",
        "",
    ]


def summary(result: Validation, kind: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Scores of all pairs, one row per product."""
    return formatted_scores(result.tables[kind, "all"].droplevel("all"), ("n", *columns))


def autoregressive(
    rng: np.random.Generator, n_series: int, length: int, memory: float
) -> np.ndarray:
    """AR(1) series with unit variance."""
    noise = rng.normal(size=(n_series, length))
    noise[:, 1:] *= np.sqrt(1 - memory**2)
    for t in range(1, length):
        noise[:, t] += memory * noise[:, t - 1]
    return noise


if __name__ == "__main__":
    main()
