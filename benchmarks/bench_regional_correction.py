"""Apply a correction fitted by vegetation type to 120,000 series of 3,650 days through dask.

One layer of 300 x 400 pixels and ten years is made chunk by chunk, corrected, and reduced to its
mean, so nothing but the chunks in work is in memory (the region is 1.7 GB in float32).
Two cases: the paper's curve, which corrects each day by itself (chunks of 90 days), and the curve
with the frozen-soil and anomaly terms, which need whole series (chunks of eight rows). Run it as
``python benchmarks/bench_regional_correction.py`` (``--quick`` for 3,000 series).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import xarray as xr

from local_core.bias_correction import (
    HarmonicBiasCorrector,
    fit_vegetation_types,
    regional_correction,
)
from local_core.stations import freeze_thaw
from local_core.synthetic.stations import synthetic_stations

RESULTS = Path(__file__).parent / "results" / "regional_correction.json"
N_DAYS = 3650
CASES = {
    "curve, chunks of 90 days": ({}, {"time": 90}),
    "curve and both terms, chunks of eight rows": (
        {"frozen_term": True, "anomaly_term": True},
        {"latitude": 8},
    ),
}


def region(n_y: int, n_x: int, chunks: dict[str, int]) -> tuple[xr.DataArray, xr.DataArray]:
    """Lazy soil moisture [m3 m-3] and soil temperature [degC] of one layer."""
    sizes = {"layer": 1, "time": N_DAYS, "latitude": n_y, "longitude": n_x}
    shape = tuple(sizes.values())
    chunk = tuple(chunks.get(name, size) for name, size in sizes.items())
    coords = {
        "layer": ["0-7"],
        "time": np.datetime64("2005-01-01", "ns") + np.arange(N_DAYS) * np.timedelta64(1, "D"),
    }
    season = np.cos(2 * np.pi * (np.arange(N_DAYS) - 200) / 365.25)[None, :, None, None]
    lazy = da.random.default_rng(1).random(shape, dtype="float32", chunks=chunk)
    moisture = 0.3 + 0.05 * season.astype("float32") + 0.1 * lazy
    warmth = 12.0 * season.astype("float32") + 5.0 * (lazy - 0.5)
    return tuple(
        xr.DataArray(values, dims=tuple(sizes), coords=coords) for values in (moisture, warmth)
    )


def peak_mb() -> float:
    """Largest resident set of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not report VmHWM")


def run(case: str, n_y: int, n_x: int) -> dict[str, Any]:
    """Correct the region once in this process."""
    settings, chunks = CASES[case]
    network = synthetic_stations(seed=1, n_years=5, stations_per_type=2)
    fitted = fit_vegetation_types(
        HarmonicBiasCorrector(**settings),
        network.reanalysis["soil_moisture"],
        network.truth["layer_soil_moisture"],
        vegetation_type=network.stations["vegetation_type"],
        frozen_model=freeze_thaw(network.reanalysis["soil_temperature"]),
    )
    kinds = fitted.parameters_["vegetation_type"].values
    code = np.random.default_rng(0).integers(0, len(kinds), (n_y, n_x))
    vegetation = xr.DataArray(kinds[code], dims=("latitude", "longitude"))
    moisture, warmth = region(n_y, n_x, chunks)
    base = peak_mb()
    with dask.config.set(scheduler="threads", num_workers=len(os.sched_getaffinity(0))):
        start = time.perf_counter()
        moisture.mean().compute()
        making = time.perf_counter() - start
        frozen = freeze_thaw(warmth) if settings else None
        lazy = regional_correction(fitted, moisture, vegetation, frozen=frozen)
        start = time.perf_counter()
        mean = float(lazy.mean())
        seconds = time.perf_counter() - start
    return {
        "case": case,
        "series": n_y * n_x,
        "days": N_DAYS,
        "seconds": seconds,
        "seconds_to_make_the_input": making,
        "series_per_second": n_y * n_x / seconds,
        "peak_mb": peak_mb(),
        "peak_mb_before": base,
        "region_mb": n_y * n_x * N_DAYS * 4 / 2**20,
        "mean": mean,
    }


def main() -> None:
    """Run both cases, each in a process of its own; print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3,000 series")
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    size = (50, 60) if arguments.quick else (300, 400)
    if arguments.case:
        print(json.dumps(run(arguments.case, *size)))
        return
    rows = []
    for case in CASES:
        command = [sys.executable, __file__, "--case", case]
        command += ["--quick"] if arguments.quick else []
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout))
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("numpy", "xarray", "dask")},
    }
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    keys = (
        "case", "series", "seconds", "seconds_to_make_the_input", "series_per_second", "peak_mb",
        "peak_mb_before", "region_mb",
    )  # fmt: skip
    for row in rows:
        print(
            " | ".join(
                f"{row[key]:.0f}" if isinstance(row[key], float) else str(row[key]) for key in keys
            )
        )
    if not arguments.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        part = RESULTS.with_suffix(".part")
        part.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
        os.replace(part, RESULTS)


if __name__ == "__main__":
    main()
