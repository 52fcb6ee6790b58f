"""How many held-out days the 95 % band holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bias_correction_measurements.real_series import correct_stand_in
from bias_correction_measurements.synthetic_networks import observed
from local_core.bias_correction import (
    Role,
    VmdBiasCorrector,
    cross_site_correction,
    single_site_correction,
)
from local_core.markdown_table import markdown_table
from local_core.synthetic.stations import synthetic_stations


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
            pair = (network.reanalysis["soil_moisture"], observed(network)["soil_moisture"])
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
                out = correct_stand_in(data, Path(scratch), model, "2003", "2016", "--trend", trend)
                with xr.open_dataset(out / "single_site.nc") as dataset:
                    row[trend] = _coverage(dataset)
        rows.append(row)
    return markdown_table(pd.DataFrame(rows), decimals=3)


def _coverage(dataset: xr.Dataset) -> float:
    judged = (dataset["role"] == Role.VALIDATION) & dataset["in_situ"].notnull()
    inside = (dataset["in_situ"] >= dataset["lower"]) & (dataset["in_situ"] <= dataset["upper"])
    return float(inside.where(judged & dataset["lower"].notnull()).mean())
