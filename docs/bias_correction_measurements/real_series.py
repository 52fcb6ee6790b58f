"""Real series through ``gee-sm correct``: stand-ins for stations, and SMAP core sites."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from core_sites import core_site_tables

from bias_correction_measurements.command_run import run
from gee_sm.cli.correct import command as correct_command
from local_core.bias_correction import METHODS
from local_core.markdown_table import markdown_table

PYBREAKS = Path("TUW-GEO__pybreaks/tests/test-data/csv_ts")


def correct_stand_in(
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
    run(
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
                out = correct_stand_in(data, Path(scratch), model, first, last, "--compare")
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
                    out = correct_stand_in(data, Path(scratch), model, first, last, *options)
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
        for name, passes in core_site_tables(data).items():
            pair = passes.rename(columns={"in situ": "in_situ", "ECMWF": "model"})
            daily = pair[["in_situ", "model"]].groupby(passes.index.normalize()).mean()
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
            run(
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
