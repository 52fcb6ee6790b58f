"""A region through dask: decompose every pixel, fit its seasonal bias, keep two small maps.

120,000 series of 3,650 days (300 x 400 pixels, ten years) are made block by block, decomposed, and
reduced to what the bias correction of Chang et al. (2022) needs: a sine and cosine fitted to IMF4
and a line fitted to IMF5 (eqs. 6 and 7). The whole region would take 3.5 GB as input and 17.5 GB as
modes; only the blocks in work are ever in memory. Run it as
``python benchmarks/bench_regional_vmd.py`` (``--quick`` for 3,000 series).
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
from numpy.typing import NDArray
from scipy.signal import lfilter
from tqdm.dask import TqdmCallback

from local_core.vmd import decompose

RESULTS = Path(__file__).parent / "results" / "regional_vmd.json"
YEAR = 365.25
N_DAYS = 3650


def block_of_differences(
    block_info: dict[Any, Any] | None = None, dtype: str = "float64"
) -> NDArray[np.floating]:
    """Make the differences of one block of pixels, (y, x, time), from its place in the map."""
    assert block_info is not None
    where = block_info[None]
    n_y, n_x, n_days = where["chunk-shape"]
    rng = np.random.default_rng([7, *where["chunk-location"]])
    days = np.arange(n_days)
    memory = np.exp(-1 / 20.0)
    red = lfilter(
        [np.sqrt(1 - memory**2)], [1, -memory], rng.standard_normal((n_y, n_x, n_days)), axis=-1
    )

    def drawn(low: float, high: float) -> NDArray[np.float64]:
        return rng.uniform(low, high, (n_y, n_x, 1))

    seasonal = drawn(0.01, 0.08) * np.sin(2 * np.pi * days / YEAR + drawn(0, 6))
    trend = drawn(-0.4, 0.0) + drawn(-0.004, 0.004) * days / YEAR
    return (trend + seasonal + drawn(0.005, 0.03) * red).astype(dtype)


def region(n_y: int, n_x: int, side: int, dtype: str) -> xr.DataArray:
    """Lazy differences of the whole region."""
    chunks = (
        tuple(min(side, n_y - first) for first in range(0, n_y, side)),
        tuple(min(side, n_x - first) for first in range(0, n_x, side)),
        (N_DAYS,),
    )
    lazy = da.map_blocks(block_of_differences, chunks=chunks, dtype=dtype)
    time_axis = np.datetime64("2005-01-01", "ns") + np.arange(N_DAYS) * np.timedelta64(1, "D")
    return xr.DataArray(lazy, dims=("y", "x", "time"), coords={"time": time_axis})


def seasonal_bias(modes: xr.Dataset) -> xr.Dataset:
    """Coefficients of eqs. 6 and 7, and the share of what worked, per pixel."""
    days = np.arange(N_DAYS)
    sine = np.stack([np.sin(2 * np.pi * days / YEAR), np.cos(2 * np.pi * days / YEAR)])
    line = np.stack([days / YEAR, np.ones(N_DAYS)])
    fields = {}
    for mode, basis, names in ((4, sine, ("a", "b")), (5, line, ("c", "d"))):
        fit = xr.DataArray(np.linalg.pinv(basis.T), dims=("coefficient", "time"))
        chosen = modes["modes"].sel(mode=mode, drop=True)
        both = xr.dot(chosen, fit.astype(chosen.dtype), dim="time")
        fields |= {name: both.isel(coefficient=i) for i, name in enumerate(names)}
    fields["annual_mode_found"] = modes["annual_mode_found"]
    fields["converged"] = modes["converged"]
    return xr.Dataset(fields)


def peak_mb() -> float:
    """Largest resident set of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not report VmHWM")


def run(n_y: int, n_x: int, side: int, dtype: str) -> dict[str, Any]:
    """Run the region once in this process."""
    workers = len(os.sched_getaffinity(0))
    warm = region(2, 2, 2, dtype)
    decompose(warm, dtype=dtype)["modes"].compute()
    base = peak_mb()
    lazy = region(n_y, n_x, side, dtype)
    with dask.config.set(scheduler="threads", num_workers=workers):
        start = time.perf_counter()
        lazy.mean().compute()
        making = time.perf_counter() - start
        start = time.perf_counter()
        with TqdmCallback(desc=f"{n_y * n_x} series, {dtype}", file=sys.stderr):
            maps = seasonal_bias(decompose(lazy, dtype=dtype)).compute()
        seconds = time.perf_counter() - start
    n_series = n_y * n_x
    item = np.dtype(dtype).itemsize
    return {
        "series": n_series,
        "days": N_DAYS,
        "dtype": dtype,
        "block": f"{side}x{side}",
        "blocks": int(np.prod(lazy.data.numblocks)),
        "workers": workers,
        "seconds": seconds,
        "seconds_to_make_the_input": making,
        "series_per_second": n_series / seconds,
        "peak_mb": peak_mb(),
        "peak_mb_before": base,
        "block_modes_mb": side * side * 5 * N_DAYS * item / 2**20,
        "region_modes_mb": n_series * 5 * N_DAYS * item / 2**20,
        "converged": float(maps["converged"].mean()),
        "annual_mode_found": float(maps["annual_mode_found"].mean()),
        "mean_amplitude": float(np.hypot(maps["a"], maps["b"]).mean()),
    }


def main() -> None:
    """Run both precisions, each in a process of its own; print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3,000 series")
    parser.add_argument("--dtype", choices=("float64", "float32"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    size = (50, 60) if arguments.quick else (300, 400)
    if arguments.dtype:
        print(json.dumps(run(*size, 20, arguments.dtype)))
        return
    report: dict[str, Any] = {
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "load_before": os.getloadavg()[0],
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("numpy", "numba", "dask", "xarray")},
        },
        "runs": [],
    }
    for dtype in ("float64", "float32"):
        command = [sys.executable, __file__, "--dtype", dtype]
        command += ["--quick"] if arguments.quick else []
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        report["runs"].append(json.loads(done.stdout.splitlines()[-1]))
    print(", ".join(f"{key} {value}" for key, value in report["machine"].items()))
    for result in report["runs"]:
        print(
            f"{result['series']} series x {result['days']} days, {result['dtype']}, "
            f"{result['blocks']} blocks of {result['block']} pixels, {result['workers']} workers: "
            f"{result['seconds']:.1f} s, {result['series_per_second']:.0f} series a second "
            f"(of these {result['seconds_to_make_the_input']:.1f} s to make the input); "
            f"peak memory {result['peak_mb']:.0f} MB, {result['peak_mb_before']:.0f} MB of it "
            f"before the start, against {result['region_modes_mb']:.0f} MB of modes of the whole "
            f"region and {result['block_modes_mb']:.0f} MB of a block; converged "
            f"{result['converged']:.4f}, IMF4 annual {result['annual_mode_found']:.4f}"
        )
    if not arguments.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        part = RESULTS.with_suffix(".part")
        part.write_text(json.dumps(report, indent=2) + "\n")
        os.replace(part, RESULTS)


if __name__ == "__main__":
    main()
