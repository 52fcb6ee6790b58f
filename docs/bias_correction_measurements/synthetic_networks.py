"""Corrections of synthetic networks, whose truth is known: what comes back, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from local_core.bias_correction import (
    BiasCorrector,
    HarmonicBiasCorrector,
    Role,
    VmdBiasCorrector,
    make_corrector,
    single_site_correction,
)
from local_core.markdown_table import markdown_table
from local_core.stations import LAYER_SETS, freeze_thaw, layered_stations
from local_core.synthetic.stations import (
    SyntheticStations,
    evaluate_difference,
    synthetic_stations,
)


def observed(network: SyntheticStations) -> xr.Dataset:
    """Stations of a network on the layers of the reanalysis."""
    return layered_stations(network.stations, LAYER_SETS["era5-land"])


def held_out(
    network: SyntheticStations, corrector: BiasCorrector
) -> tuple[float, float, float, float]:
    """Error of what was added, and R, |bias| and RMSE of the result, against the exact truth."""
    model = network.reanalysis["soil_moisture"]
    run = single_site_correction(
        corrector,
        model,
        observed(network)["soil_moisture"],
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


def recovery() -> str:
    """How closely the planted seasonal bias comes back."""
    rows = []
    for n_years in (5, 10, 15):
        networks = [
            synthetic_stations(seed=1000 + seed, n_years=n_years, stations_per_type=2)
            for seed in range(8)
        ]
        for name, corrector in RECOVERY.items():
            found = np.mean([held_out(network, corrector) for network in networks], axis=0)
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


def vmd_settings() -> str:
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
            row[use] = np.mean([held_out(network, corrector)[0] for network in networks])
        rows.append(row)
    harmonic = np.mean([held_out(n, HarmonicBiasCorrector())[0] for n in networks])
    rows.append({"Decomposition": "none (harmonic fit)"} | dict.fromkeys(uses, harmonic))
    return markdown_table(pd.DataFrame(rows), decimals=4)


VARIANTS = {
    "line (paper)": {"trend": "line"},
    "constant": {"trend": "constant"},
    "constant + frozen": {"trend": "constant", "frozen_term": True},
    "constant + anomaly": {"trend": "constant", "anomaly_term": True},
    "constant + both": {"trend": "constant", "frozen_term": True, "anomaly_term": True},
}


def terms() -> str:
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
                row[name] = np.mean([held_out(network, corrector)[3] for network in networks])
            rows.append(row)
    return markdown_table(pd.DataFrame(rows), decimals=4)
