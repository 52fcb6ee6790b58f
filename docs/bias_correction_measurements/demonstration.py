"""One synthetic network in the form of the paper's tables and figures."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pandas as pd
import xarray as xr

from bias_correction_measurements.synthetic_networks import observed
from local_core.bias_correction import (
    VmdBiasCorrector,
    cross_site_correction,
    single_site_correction,
)
from local_core.bias_correction.correction_outputs import write_figure, write_run
from local_core.bias_correction.series_figure import comparison_figure, series_figure
from local_core.bias_correction.skill_tables import freezing_table, skill_table, with_means
from local_core.markdown_table import markdown_table
from local_core.stations import freeze_thaw
from local_core.synthetic.stations import SyntheticStations, synthetic_stations

FIGURES = Path(__file__).resolve().parents[1] / "figures"


def _demonstration() -> tuple[SyntheticStations, xr.Dataset]:
    network = synthetic_stations(seed=7, n_years=10, stations_per_type=4)
    return network, observed(network)


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


def single_site() -> str:
    """Means of a Table II, and the figures like 3, 4 and 5."""
    network, stations = _demonstration()
    run = single_site_correction(
        VmdBiasCorrector(),
        network.reanalysis["soil_moisture"],
        stations["soil_moisture"],
        frozen_model=freeze_thaw(network.reanalysis["soil_temperature"]),
        frozen_soil=stations["frozen"],
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


def cross_site() -> str:
    """Means of a Table III, and the figures like 8 and 9."""
    network, stations = _demonstration()
    model, moisture = network.reanalysis["soil_moisture"], stations["soil_moisture"]
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
