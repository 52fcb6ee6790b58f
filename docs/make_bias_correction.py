"""Measure the station reader and the bias corrections, and write the tables of their two pages.

Run ``python docs/make_bias_correction.py [--data FOLDER]``, FOLDER holding the public repositories
named in the pages (default: the folder the tests use). Real series go through the commands
``gee-sm stations`` and ``gee-sm correct``; synthetic ones through the library, because their truth
is not on file. Tables between the markers of stations.md and bias-correction.md are replaced, and
docs/figures/correct_*.png are drawn.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli.correct import command as correct_command
from gee_sm.cli.stations import command as stations_command
from local_core.bias_correction import (
    METHODS,
    BiasCorrector,
    HarmonicBiasCorrector,
    Role,
    VmdBiasCorrector,
    cross_site_correction,
    make_corrector,
    single_site_correction,
)
from local_core.bias_correction.correction_outputs import write_figure, write_run
from local_core.bias_correction.series_figure import comparison_figure, series_figure
from local_core.bias_correction.skill_tables import freezing_table, skill_table, with_means
from local_core.markdown_table import markdown_table
from local_core.stations import LAYER_SETS, freeze_thaw, layered_stations
from local_core.synthetic.stations import (
    SyntheticStations,
    evaluate_difference,
    synthetic_stations,
)

DOCS = Path(__file__).resolve().parent
FIGURES = DOCS / "figures"

ISMN_OLD = Path("TUW-GEO__pytesmo-test-data/ismn")
ISMN_NEW = Path(
    "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu/InSituDownload1"
)
KANSAS = Path("soilwater__pynotes-agriscience/datasets/KS_Manhattan_6_SSW.csv")
RISMA = Path("abalmumcu__sen1-sen2-soil-moisture/RISMA/dataset/datasets")
PYBREAKS = Path("TUW-GEO__pybreaks/tests/test-data/csv_ts")
NEARING = Path("grey-nearing__triple_collocation/data/core_data")
NEARING_SITES = {
    "4013601": "Reynolds Creek",
    "16013601": "Walnut Gulch",
    "48013601": "TxSON",
    "16033601": "Fort Cobb",
    "16073601": "South Fork",
    "16043601": "Little River",
    "9013601": "Carman",
    "3013602": "REMEDHUS",
    "7013601": "Yanco",
}

KANSAS_MAPPING = """\
time = "LST_DATE"
time_format = "%Y%m%d"
network = "USCRN"
station = "Manhattan-6-SSW"
latitude = "LATITUDE"
longitude = "LONGITUDE"
missing = [-99, -9999]
[moisture]
SOIL_MOISTURE_5_DAILY = 5
SOIL_MOISTURE_10_DAILY = 10
SOIL_MOISTURE_20_DAILY = 20
[temperature]
SOIL_TEMP_5_DAILY = 5
SOIL_TEMP_10_DAILY = 10
SOIL_TEMP_20_DAILY = 20
"""
RISMA_MAPPING = """\
time = "Reading Time (CST)"
time_format = "%d/%m/%Y"
time_zone = "-06:00"
network = "RISMA"
moisture_scale = 0.01
missing = ["No Data"]
[moisture]
"0-5 cm Depth Average WFV (%)|0 to 5 cm Depth Average WFV (%)" = [0, 5]
[temperature]
"0-5 cm Depth Average Temp (°C)|0 to 5 cm Depth Average Temp (°C)" = [0, 5]
"""


def main() -> None:
    """Rewrite the tables and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the public data")
    parser.add_argument("--only", nargs="*", help="names of the tables to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    data = Path(arguments.data)
    FIGURES.mkdir(exist_ok=True)
    tables: dict[str, tuple[str, Callable[[Path], str]]] = {
        "station records": ("stations.md", station_records),
        "flag policies": ("stations.md", flag_policies),
        "recovery": ("bias-correction.md", recovery),
        "single site": ("bias-correction.md", single_site),
        "cross site": ("bias-correction.md", cross_site),
        "vmd settings": ("bias-correction.md", vmd_settings),
        "terms": ("bias-correction.md", terms),
        "real terms": ("bias-correction.md", real_terms),
        "bands": ("bias-correction.md", bands),
        "stand-in": ("bias-correction.md", stand_in),
        "core sites": ("bias-correction.md", core_sites),
    }
    for name, (page, make) in tables.items():
        if arguments.only and name not in arguments.only:
            continue
        _replace(DOCS / page, name, make(data))


def _replace(page: Path, name: str, text: str) -> None:
    begin, end = f"<!-- {name}: written by make_bias_correction.py -->", f"<!-- end of {name} -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{text.rstrip()}\n{end}{after}", encoding="utf-8")


def _run(command: object, *arguments: object) -> str:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if result.exit_code:
        raise SystemExit(f"{arguments}: {result.output}") from result.exception
    return result.output


# --- stations ---------------------------------------------------------------------------------


def station_records(data: Path) -> str:
    """Every real record through ``gee-sm stations``."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "kansas.toml").write_text(KANSAS_MAPPING)
        (folder / "risma.toml").write_text(RISMA_MAPPING)
        runs = {
            "ISMN, old flags": (data / ISMN_OLD,),
            "ISMN, new flags": (data / ISMN_NEW,),
            "USCRN daily table": (data / KANSAS, "--mapping", folder / "kansas.toml"),
            "RISMA daily tables": (data / RISMA, "--mapping", folder / "risma.toml"),
        }
        for index, (source, arguments) in enumerate(runs.items()):
            out = folder / f"{index}.nc"
            _run(stations_command, *arguments, "--out", out, "--flags", "good+frozen")
            removals = pd.read_csv(out.with_suffix(".removals.csv"))
            with xr.open_dataset(out) as dataset:
                rows += _record_rows(source, dataset.load(), removals)
    return markdown_table(pd.DataFrame(rows), decimals=0, missing="-")


def _record_rows(source: str, dataset: xr.Dataset, removals: pd.DataFrame) -> list[dict]:
    rows = []
    for station in dataset["station"].values:
        site = dataset.sel(station=station)
        for depth in dataset["depth"].values:
            sensor = site.sel(depth=depth)
            recorded = np.flatnonzero((sensor["status"] != 1).values)
            if recorded.size == 0:
                continue
            cm = round(float(depth) * 100)
            gone = removals[(removals["station"] == station) & (removals["depth_cm"] == cm)]
            by_reason = gone.groupby(["reason", "resolution"])["n"].sum()
            state = sensor["frozen"].values
            known = state >= 0
            frozen = f"{(state[known] == 1).mean():.0%}" if known.any() else "-"
            rows.append(
                {
                    "Source": source,
                    "Station": station,
                    "Depth (cm)": cm,
                    "Days from first to last": int(recorded[-1] - recorded[0] + 1),
                    "Daily values": int(sensor["soil_moisture"].notnull().sum()),
                    "Removed": ", ".join(
                        f"{reason.replace('_', ' ')} {n} {unit}s"
                        for (reason, unit), n in by_reason.items()
                    )
                    or "nothing",
                    "Frozen, of days with known state": frozen,
                }
            )
    return rows


def flag_policies(data: Path) -> str:
    """What the flag policies leave of MAQU CST-01, a site on the plateau."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for policy in ("good", "good+frozen", "all"):
            out = Path(scratch) / f"{policy}.nc"
            _run(stations_command, data / ISMN_OLD, "--out", out, "--flags", policy)
            with xr.open_dataset(out) as dataset:
                series = dataset["soil_moisture"].sel(station="MAQU/CST-01").isel(depth=0)
                month = series["time"].dt.month
                winter = series.where(month.isin([12, 1, 2]))
                rows.append(
                    {
                        "Flags accepted": policy,
                        "Daily values": int(series.count()),
                        "of these December to February": int(winter.count()),
                        "Mean (m3 m-3)": float(series.mean()),
                    }
                )
    return markdown_table(pd.DataFrame(rows), decimals=3)


# --- synthetic --------------------------------------------------------------------------------


def _observed(network: SyntheticStations) -> xr.Dataset:
    return layered_stations(network.stations, LAYER_SETS["era5-land"])


def _held_out(
    network: SyntheticStations, corrector: BiasCorrector
) -> tuple[float, float, float, float]:
    """Error of what was added, and R, |bias| and RMSE of the result, against the exact truth."""
    model = network.reanalysis["soil_moisture"]
    observed = _observed(network)["soil_moisture"]
    run = single_site_correction(
        corrector,
        model,
        observed,
        frozen_model=freeze_thaw(network.reanalysis["soil_temperature"]),
    )
    judged = run.dataset["role"] == Role.VALIDATION
    truth = network.truth["layer_soil_moisture"].where(judged)
    corrected = run.dataset["corrected"].where(judged)
    added = float("nan")
    if "sine" in network.truth:
        planted = evaluate_difference(network.truth, model["time"])
        added = float(np.sqrt(((corrected - model - planted) ** 2).mean("time")).mean())
    error = corrected - truth
    return (
        added,
        float(xr.corr(corrected, truth, "time").mean()),
        float(abs(error.mean("time")).mean()),
        float(np.sqrt((error**2).mean("time")).mean()),
    )


class _Unchanged(HarmonicBiasCorrector):
    """The reanalysis as it is, in the form of a method."""

    method = "none"

    def predict(self, reanalysis: xr.DataArray, *, frozen: xr.DataArray | None = None):
        return reanalysis


RECOVERY = {
    "none": _Unchanged(),
    "vmd": VmdBiasCorrector(),
    "vmd, the paper to the letter": VmdBiasCorrector(selection="last_two", regression="separate"),
    "harmonic": HarmonicBiasCorrector(),
    "mean-std": make_corrector("mean-std"),
    "linear": make_corrector("linear"),
    "cdf": make_corrector("cdf"),
}


def recovery(data: Path) -> str:
    """How closely the planted seasonal bias comes back."""
    rows = []
    for n_years in (5, 10, 15):
        networks = [
            synthetic_stations(seed=1000 + seed, n_years=n_years, stations_per_type=2)
            for seed in range(8)
        ]
        for name, corrector in RECOVERY.items():
            found = np.mean([_held_out(network, corrector) for network in networks], axis=0)
            rows.append(
                {
                    "Years": n_years,
                    "Method": name,
                    "Error of the curve (m3 m-3)": found[0],
                    "R": found[1],
                    "|Bias| (m3 m-3)": found[2],
                    "RMSE (m3 m-3)": found[3],
                }
            )
    return markdown_table(pd.DataFrame(rows), decimals=4)


def _demonstration() -> tuple[SyntheticStations, xr.Dataset]:
    network = synthetic_stations(seed=7, n_years=10, stations_per_type=4)
    return network, _observed(network)


def _mean_rows(table: pd.DataFrame) -> str:
    rows = with_means(table)
    means = rows[rows["station"] == "Mean"]
    printed = pd.DataFrame(
        {
            "Vegetation type": means["vegetation_type"],
            "Layer (cm)": means["layer"],
            "Days": means["n"].astype(int),
        }
    )
    for name, heading in (("r", "R"), ("bias", "Bias"), ("rmse", "RMSE")):
        for when in ("initial", "corrected"):
            printed[f"{heading}, {when}"] = means[f"{name}_{when}"].astype(float)
    return markdown_table(printed, decimals=3)


def single_site(data: Path) -> str:
    """Means of a Table II, and the figures like 3, 4 and 5."""
    network, observed = _demonstration()
    run = single_site_correction(
        VmdBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        frozen_model=freeze_thaw(network.reanalysis["soil_temperature"]),
        frozen_soil=observed["frozen"],
        confidence=0.95,
    )
    with tempfile.TemporaryDirectory() as scratch:
        written = write_run(run, scratch)
        for name in ("modes", "fit"):
            shutil.copyfile(written[name], FIGURES / f"correct_{name}.png")
    figure = series_figure(
        run,
        stations=["SYN/ASM1", "SYN/AM1", "SYN/AS1"],
        title="Single-site correction of a synthetic network (vmd)",
    )
    write_figure(figure, FIGURES / "correct_single_site.png")
    frozen = freezing_table(run)
    ratio = frozen.groupby("vegetation_type")["ratio_corrected"].mean()
    text = ", ".join(f"{kind} {value:.0%}" for kind, value in ratio.items())
    return (
        _mean_rows(skill_table(run))
        + f"\nRMSE of the freezing period over the RMSE of all days, after correction: {text}.\n"
    )


def cross_site(data: Path) -> str:
    """Means of a Table III, and the figures like 8 and 9."""
    network, observed = _demonstration()
    model, moisture = network.reanalysis["soil_moisture"], observed["soil_moisture"]
    run = cross_site_correction(
        VmdBiasCorrector(),
        model,
        moisture,
        vegetation_type=network.stations["vegetation_type"],
        confidence=0.95,
    )
    figure = series_figure(
        run,
        stations=["SYN/ASM1", "SYN/AM1", "SYN/AS1"],
        title="Cross-site correction of a synthetic network (vmd)",
    )
    write_figure(figure, FIGURES / "correct_cross_site.png")
    tables = {
        "single-site": skill_table(single_site_correction(VmdBiasCorrector(), model, moisture)),
        "cross-site": skill_table(run),
    }
    write_figure(
        comparison_figure(tables, title="Single-site and cross-site correction, synthetic network"),
        FIGURES / "correct_comparison.png",
    )
    return _mean_rows(tables["cross-site"])


def vmd_settings(data: Path) -> str:
    """What the open choices of the method do, on planted differences."""
    networks = [
        synthetic_stations(seed=1000 + seed, n_years=10, stations_per_type=2) for seed in range(4)
    ]
    starts = {
        "default (one cycle a year, started at trend, year, octaves)": {},
        "alpha 30000, same start": {"alpha": 3e4},
        "alpha 130000, all started at zero": {"alpha": 1.3e5, "init": "zero", "dc": False},
        "alpha 2000, uniform start (reference codes)": {
            "alpha": 2000.0,
            "init": "uniform",
            "dc": False,
        },
    }
    uses = {
        "by period, joint (default)": {},
        "modes 4 and 5, joint": {"selection": "last_two"},
        "modes 4 and 5, separate (paper)": {"selection": "last_two", "regression": "separate"},
    }
    rows = []
    for start, vmd in starts.items():
        row: dict[str, object] = {"Decomposition": start}
        for use, how in uses.items():
            corrector = VmdBiasCorrector(**vmd, **how)
            row[use] = np.mean([_held_out(network, corrector)[0] for network in networks])
        rows.append(row)
    harmonic = np.mean([_held_out(n, HarmonicBiasCorrector())[0] for n in networks])
    rows.append({"Decomposition": "none (harmonic fit)"} | dict.fromkeys(uses, harmonic))
    return markdown_table(pd.DataFrame(rows), decimals=4)


VARIANTS = {
    "line (paper)": {"trend": "line"},
    "constant": {"trend": "constant"},
    "constant + frozen": {"trend": "constant", "frozen_term": True},
    "constant + anomaly": {"trend": "constant", "anomaly_term": True},
    "constant + both": {"trend": "constant", "frozen_term": True, "anomaly_term": True},
}


def terms(data: Path) -> str:
    """What the terms beyond the paper do on held-out years of synthetic networks."""
    kinds = {
        "planted, with trend": {},
        "planted, frozen step -0.05": {"frozen_step": -0.05},
        "reanalysis without ice": {"difference": "emergent"},
    }
    rows = []
    for kind, options in kinds.items():
        for n_years in (5, 10):
            networks = [
                synthetic_stations(
                    seed=2000 + seed, n_years=n_years, stations_per_type=2, **options
                )
                for seed in range(4)
            ]
            row: dict[str, object] = {"Difference": kind, "Years": n_years}
            for name, settings in VARIANTS.items():
                corrector = VmdBiasCorrector(**settings)
                row[name] = np.mean([_held_out(network, corrector)[3] for network in networks])
            rows.append(row)
    return markdown_table(pd.DataFrame(rows), decimals=4)


def bands(data: Path) -> str:
    """Share of held-out days inside the 95 % band."""
    rows = []
    kinds = {
        "synthetic, single site, 10 years": ({"n_years": 10}, "single"),
        "synthetic, single site, 5 years": ({"n_years": 5}, "single"),
        "synthetic, memory of 40 days": ({"n_years": 10, "noise_memory_days": 40.0}, "single"),
        "synthetic, cross site (two others)": ({"n_years": 10}, "cross"),
        "synthetic, reanalysis without ice": ({"n_years": 10, "difference": "emergent"}, "single"),
    }
    for kind, (options, mode) in kinds.items():
        shares: dict[str, list[float]] = {"line": [], "constant": []}
        for seed in range(8):
            network = synthetic_stations(seed=3000 + seed, stations_per_type=3, **options)
            pair = (network.reanalysis["soil_moisture"], _observed(network)["soil_moisture"])
            for trend, found in shares.items():
                corrector = VmdBiasCorrector(trend=trend)
                if mode == "single":
                    run = single_site_correction(corrector, *pair, confidence=0.95)
                else:
                    kinds_of = network.stations["vegetation_type"]
                    run = cross_site_correction(
                        corrector, *pair, vegetation_type=kinds_of, confidence=0.95
                    )
                found.append(_coverage(run.dataset))
        rows.append({"Series": kind} | {name: np.mean(found) for name, found in shares.items()})
    for model in ("gldas_v21", "merra2"):
        row: dict[str, object] = {"Series": f"real, {model} against CCI, 2003-2016, seven points"}
        for trend in ("line", "constant"):
            with tempfile.TemporaryDirectory() as scratch:
                out = _correct_stand_in(
                    data, Path(scratch), model, "2003", "2016", "--trend", trend
                )
                with xr.open_dataset(out / "single_site.nc") as dataset:
                    row[trend] = _coverage(dataset)
        rows.append(row)
    return markdown_table(pd.DataFrame(rows), decimals=3)


def _coverage(dataset: xr.Dataset) -> float:
    judged = (dataset["role"] == Role.VALIDATION) & dataset["in_situ"].notnull()
    inside = (dataset["in_situ"] >= dataset["lower"]) & (dataset["in_situ"] <= dataset["upper"])
    return float(inside.where(judged & dataset["lower"].notnull()).mean())


# --- real -------------------------------------------------------------------------------------


def _correct_stand_in(
    data: Path, folder: Path, model: str, first: str, last: str, *options: object
) -> Path:
    """GLDAS or MERRA-2 against CCI at the seven points that have all three."""
    tables = folder / "tables"
    tables.mkdir()
    for path in sorted((data / PYBREAKS).glob("data_*.csv")):
        raw = pd.read_csv(path, index_col=0, parse_dates=True).loc[first:last]
        if "gldas_v21" in raw:
            raw.rename_axis("day").to_csv(tables / path.name)
    for name, column in (("in_situ", "CCI_41_COMBINED"), ("model", model)):
        (folder / f"{name}.toml").write_text(
            f'time = "day"\nmoisture_scale = 0.01\n[moisture]\n{column} = [0, 10]\n'
        )
    out = folder / "out"
    _run(
        correct_command,
        tables,
        tables,
        "--mapping",
        folder / "in_situ.toml",
        "--reanalysis-mapping",
        folder / "model.toml",
        "--out",
        out,
        "--no-figures",
        *options,
    )
    return out


def _methods(out: Path, names: list[str]) -> dict[str, float]:
    table = pd.read_csv(out / "single_methods.csv").set_index("method")
    return {name: table.loc[name, "RMSE (m3 m-3)"] for name in names}


WINDOWS = (("2003", "2016"), ("2003", "2008"), ("2007", "2012"), ("2010", "2014"))


def stand_in(data: Path) -> str:
    """All methods on GLDAS and MERRA-2 with CCI as a stand-in for stations."""
    rows = []
    for model in ("gldas_v21", "merra2"):
        for first, last in WINDOWS:
            with tempfile.TemporaryDirectory() as scratch:
                out = _correct_stand_in(data, Path(scratch), model, first, last, "--compare")
                found = _methods(out, ["none", *METHODS])
            rows.append({"Model": model, "Years": f"{first}-{last}"} | found)
    return markdown_table(pd.DataFrame(rows), decimals=4)


def real_terms(data: Path) -> str:
    """The extra terms on the same series."""
    variants = {
        "line (paper)": (),
        "constant": ("--trend", "constant"),
        "constant + anomaly": ("--trend", "constant", "--anomaly-term"),
    }
    rows = []
    for model in ("gldas_v21", "merra2"):
        for first, last in WINDOWS:
            row: dict[str, object] = {"Model": model, "Years": f"{first}-{last}"}
            for name, options in variants.items():
                with tempfile.TemporaryDirectory() as scratch:
                    out = _correct_stand_in(data, Path(scratch), model, first, last, *options)
                    table = pd.read_csv(out / "single_site.csv")
                row["none"] = table["rmse_initial"].mean()
                row[name] = table["rmse_corrected"].mean()
            rows.append(row)
    return markdown_table(pd.DataFrame(rows), decimals=4)


def core_sites(data: Path) -> str:
    """In-situ means of SMAP core sites against the ECMWF model, the one collocated pair at hand."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tables = folder / "tables"
        tables.mkdir()
        for number, name in NEARING_SITES.items():
            raw = pd.DataFrame(np.loadtxt(data / NEARING / f"{number}.txt", delimiter=","))
            # Column 2 is the in-situ mean, 4 the model; morning and evening passes share a day.
            day = pd.to_datetime(raw[0].astype(int).astype(str), format="%Y")
            day = (day + pd.to_timedelta(raw[1] - 1, unit="D")).dt.normalize()
            daily = pd.DataFrame({"in_situ": raw[2], "model": raw[4]}).groupby(day).mean()
            daily.rename_axis("day").to_csv(tables / f"{name}.csv")
        for name in ("in_situ", "model"):
            (folder / f"{name}.toml").write_text(f'time = "day"\n[moisture]\n{name} = [0, 7]\n')
        tail: list[object] = [
            "--min-years", 1, "--min-days", 60, "--trend", "constant", "--no-figures",
        ]  # fmt: skip
        rows = {}
        variants = {method: [method] for method in METHODS}
        variants["vmd + anomaly"] = ["vmd", "--anomaly-term"]
        for name, method in variants.items():
            out = folder / name
            _run(
                correct_command,
                tables,
                tables,
                "--mapping",
                folder / "in_situ.toml",
                "--reanalysis-mapping",
                folder / "model.toml",
                "--out",
                out,
                "--method",
                *method,
                *tail,
            )
            table = pd.read_csv(out / "single_site.csv").set_index("station")
            rows.setdefault("n", table["n"])
            rows.setdefault("none", table["rmse_initial"])
            rows[name] = table["rmse_corrected"]
    result = pd.DataFrame(rows)
    result.loc["Mean"] = result.mean()
    result = result.rename_axis("Site").reset_index().rename(columns={"n": "Days judged"})
    result["Days judged"] = result["Days judged"].round().astype(int)
    return markdown_table(result, decimals=4)


if __name__ == "__main__":
    main()
