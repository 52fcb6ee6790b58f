"""Real station records through ``gee-sm stations``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bias_correction_measurements.command_run import run
from gee_sm.cli.stations import command as stations_command
from local_core.markdown_table import markdown_table

ISMN_OLD = Path("TUW-GEO__pytesmo-test-data/ismn")
ISMN_NEW = Path(
    "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu/InSituDownload1"
)
KANSAS = Path("soilwater__pynotes-agriscience/datasets/KS_Manhattan_6_SSW.csv")
RISMA = Path("abalmumcu__sen1-sen2-soil-moisture/RISMA/dataset/datasets")

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
            run(stations_command, *arguments, "--out", out, "--flags", "good+frozen")
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
            run(stations_command, data / ISMN_OLD, "--out", out, "--flags", policy)
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
