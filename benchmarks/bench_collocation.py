"""Collocation and three-cornered hat against pytesmo and scipy, in one run.

Run ``python benchmarks/bench_collocation.py [--quick] [--regional]``. Products are synthetic: three
(for the hat five) of 10,000 pixels and 1,826 days, float64, with 30 % of the days lost at once in
all products. Peers that take minutes run on the first pixels only and are extrapolated; the table
says so. ``--regional`` adds 120,000 series of 3,650 days through dask, made on the fly.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dask
import dask.array
import numpy as np
import pytesmo
import scipy
import xarray as xr
from pytesmo.metrics import tcol_metrics, tcol_metrics_with_bootstrapped_ci
from scipy.optimize import minimize

from local_core.collocation import CollocationStatus, three_cornered_hat, triple_collocation
from local_core.collocation.joint_moments import joint_moments
from local_core.collocation.three_cornered_hat import hat_covariance
from local_core.merging import ProductMerger, merge_products

N_TIMES, GAPS, REPLICATES = 1826, 0.3, 1000
# Other work on the machine makes every figure worse; this says how much there was.
LOAD = round(os.getloadavg()[0], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="500 pixels instead of 10,000")
    parser.add_argument("--regional", action="store_true", help="also 120,000 series with dask")
    parser.add_argument("--regional-only", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.regional_only:
        print(json.dumps(regional(options.regional_only)))
        return
    n_pixels = 500 if options.quick else 10_000
    products = simulate(3, n_pixels)
    rows: list[dict[str, object]] = []
    ratios: dict[str, float] = {}
    agreement: dict[str, float] = {}
    floors: dict[str, object] = {}
    compile_seconds, _ = timed(lambda: triple_collocation(*(p[:2] for p in products)))
    rows.append(row("first call with numba (load or compile the kernel)", compile_seconds))

    bench_triple_collocation(products, rows, ratios, agreement, floors)
    bench_bootstrap(products, rows, ratios, floors, options.quick)
    bench_hat(simulate(5, n_pixels), rows, ratios, agreement, options.quick)
    bench_merging(products, rows)
    if options.regional:
        del products
        bench_regional(rows, 1200 if options.quick else 120_000)
    report(n_pixels, rows, ratios, agreement, floors)
    write(options.quick, n_pixels, rows, ratios, agreement, floors)


def simulate(n_products: int, n_pixels: int) -> list[np.ndarray]:
    """Products of one truth; a day lost is lost in all of them."""
    rng = np.random.default_rng(0)
    truth = 0.25 + 0.05 * rng.standard_normal((n_pixels, N_TIMES))
    lost = rng.random((n_pixels, N_TIMES)) < GAPS
    products = []
    for k in range(n_products):
        product = truth + (0.02 + 0.01 * k) * rng.standard_normal((n_pixels, N_TIMES))
        product[lost] = np.nan
        products.append(product)
    return products


def bench_triple_collocation(products, rows, ratios, agreement, floors) -> None:
    n_pixels = products[0].shape[0]
    n_peer = min(2000, n_pixels)

    def peer():
        found = []
        for x, y, z in zip(*(p[:n_peer] for p in products)):
            joint = np.isfinite(x) & np.isfinite(y) & np.isfinite(z)
            found.append(tcol_metrics(x[joint], y[joint], z[joint]))
        return np.array(found)

    peer_seconds, theirs = best(peer, 3)
    peer_seconds *= n_pixels / n_peer
    rows.append(row("TC, pytesmo tcol_metrics loop", peer_seconds, extrapolated=n_pixels / n_peer))
    ours = {}
    for engine in ("numba", "numpy"):
        seconds, result = best(lambda e=engine: triple_collocation(*products, engine=e), 7)
        ours[engine] = seconds
        rows.append(row(f"TC, triple_collocation, {engine}", seconds))
        ratios[f"TC, {engine}"] = peer_seconds / seconds
        for name, index in (("snr_db", 0), ("error_std", 1), ("beta", 2)):
            difference = np.abs(result[name].values[:, :n_peer].T - theirs[:, index])
            agreement[f"{name}, {engine}"] = float(difference.max())
    seconds, _ = best(lambda: joint_moments(products, engine="numba"), 7)
    rows.append(row("TC, its moments alone, numba", seconds))
    floor, _ = best(lambda: [p.sum() for p in products], 7)
    rows.append(row("reading the three products once (numpy sum)", floor))
    floors["TC"] = {
        "bytes": int(sum(p.nbytes for p in products)),
        "floor_seconds": floor,
        "distance_numba": ours["numba"] / floor,
        "distance_numpy": ours["numpy"] / floor,
    }
    single = [p.astype(np.float32) for p in products]
    triple_collocation(*(p[:2] for p in single))
    seconds, _ = best(lambda: triple_collocation(*single, engine="numba"), 7)
    rows.append(row("TC, float32 input (float64 sums), numba", seconds))
    turned = [np.ascontiguousarray(p.T) for p in products]
    lazy = [xr.DataArray(p, dims=("time", "pixel")) for p in turned]
    seconds, _ = best(lambda: triple_collocation(*lazy), 3)
    rows.append(row("TC, time first in memory, numba", seconds))


def bench_bootstrap(products, rows, ratios, floors, quick: bool) -> None:
    n_pixels = products[0].shape[0]
    n_peer = 5 if quick else 20
    joint = np.isfinite(products[0])

    def peer():
        np.random.seed(0)  # noqa: NPY002 - pytesmo draws from the global generator
        for pixel in range(n_peer):
            rows_ = (p[pixel][joint[pixel]] for p in products)
            tcol_metrics_with_bootstrapped_ci(*rows_, nsamples=REPLICATES)

    peer_seconds, _ = best(peer, 2)
    peer_seconds *= n_pixels / n_peer
    rows.append(row("bootstrap, pytesmo loop", peer_seconds, extrapolated=n_pixels / n_peer))
    for label, length in (("single days", 1), ("blocks of 24 days (the default)", None)):
        for engine in ("numba", "numpy"):
            if engine == "numpy" and length is None:
                continue
            seconds, _ = best(
                lambda e=engine, n=length: triple_collocation(
                    *products, bootstrap=REPLICATES, block_length=n, random_state=0, engine=e
                ),
                2,
            )
            rows.append(row(f"bootstrap, {label}, {engine}", seconds))
            ratios[f"bootstrap, {label}, {engine}"] = peer_seconds / seconds
            if length == 1 and engine == "numba":
                ours = seconds
    planes = np.random.default_rng(0).random((320, N_TIMES), np.float32)
    weights = np.ones((REPLICATES, N_TIMES), np.float32)
    seconds, _ = best(lambda: planes @ weights.T, 9)
    floor = seconds / 32 * n_pixels
    rows.append(row("bootstrap, its matrix product alone (BLAS)", floor))
    floors["bootstrap"] = {
        "flop": float(2 * REPLICATES * N_TIMES * 10 * n_pixels),
        "floor_seconds": floor,
        "distance": ours / floor,
    }


def slsqp(differences: np.ndarray) -> np.ndarray:
    """Eqs. 23-25 of Qu et al. (2021) by a general optimiser, scaled to unit mean variance."""
    size = differences.shape[0]
    scale = np.trace(differences) / size
    unit = differences / scale
    determinant = np.linalg.det(unit)
    k = determinant ** (1.0 / size)

    def matrix(column: np.ndarray) -> np.ndarray:
        whole = np.empty((size + 1, size + 1))
        whole[:-1, :-1] = unit + column[:-1, None] + column[None, :-1] - column[-1]
        whole[-1, :] = whole[:, -1] = column
        return whole

    start = np.zeros(size + 1)
    start[-1] = 1.0 / (2.0 * np.ones(size) @ np.linalg.solve(unit, np.ones(size)))
    found = minimize(
        lambda column: (np.triu(matrix(column), 1) ** 2).sum() / k**2,
        start,
        method="SLSQP",
        constraints={
            "type": "ineq",
            "fun": lambda column: np.linalg.det(matrix(column)) / (determinant * k),
        },
        options={"maxiter": 500, "ftol": 1e-12},
    )
    return np.sqrt(np.maximum(np.diag(matrix(found.x)), 0.0) * scale)


def bench_hat(products, rows, ratios, agreement, quick: bool) -> None:
    n_pixels = products[0].shape[0]
    n_peer = 30 if quick else 300

    def peer():
        found = []
        for pixel in range(n_peer):
            series = np.array([p[pixel] for p in products])
            joint = series[:, np.isfinite(series).all(axis=0)]
            found.append(slsqp(np.cov(joint[:-1] - joint[-1])))
        return np.array(found)

    peer_seconds, theirs = best(peer, 2)
    peer_seconds *= n_pixels / n_peer
    rows.append(row("TCH of 5, scipy SLSQP loop", peer_seconds, extrapolated=n_pixels / n_peer))
    three_cornered_hat([p[:2] for p in products])
    for engine in ("numba", "numpy"):
        seconds, result = best(lambda e=engine: three_cornered_hat(products, engine=e), 5)
        rows.append(row(f"TCH of 5, three_cornered_hat, {engine}", seconds))
        ratios[f"TCH, {engine}"] = peer_seconds / seconds
    cov = joint_moments(products).cov
    seconds, _ = best(lambda: hat_covariance(cov), 5)
    rows.append(row("TCH of 5, its solution alone", seconds))
    ratios["TCH, solution alone"] = peer_seconds / seconds
    # The same number of short, strongly correlated series, so that the constraint is often active.
    rng = np.random.default_rng(1)
    mixing = np.eye(5) + rng.uniform(-0.3, 0.6, (n_pixels, 5, 5))
    errors = mixing @ rng.standard_normal((n_pixels, 5, 40))
    hard = np.einsum("pit,pjt->ijp", errors, errors) / 40
    seconds, (_, status) = best(lambda: hat_covariance(hard), 5)
    active = float((status == CollocationStatus.CONSTRAINT_ACTIVE).mean())
    label = f"TCH of 5, solution alone, constraint active in {100 * active:.1f} %"
    rows.append(row(label, seconds))
    floor, _ = best(lambda: [p.sum() for p in products], 5)
    rows.append(row("reading the five products once (numpy sum)", floor))
    difference = np.abs(result.error_std.values[:, :n_peer].T - theirs) / theirs
    agreement["TCH error_std against SLSQP, relative, median"] = float(np.median(difference))
    agreement["TCH error_std against SLSQP, relative, max"] = float(difference.max())


def bench_merging(products, rows) -> None:
    merger = ProductMerger()
    seconds, _ = best(lambda: merger.fit(products), 3)
    rows.append(row("merging: fit", seconds))
    seconds, _ = best(lambda: merger.predict(products), 3)
    rows.append(row("merging: predict", seconds))


def bench_regional(rows, n_pixels: int) -> None:
    """In a process of its own, so that the peak of memory is that of this task."""
    command = [sys.executable, __file__, "--regional-only", str(n_pixels)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    rows.extend(json.loads(found.stdout))


def regional(n_pixels: int) -> list[dict[str, object]]:
    """Collocate and merge more than fits: made, used and dropped piece by piece."""
    n_times, piece = 3650, 300
    rows = []

    def make(seed: int) -> xr.DataArray:
        def block(block_info=None):
            start = block_info[None]["array-location"][0][0]
            # One truth for all products of a piece, then each product's own error.
            truth = np.random.default_rng(start).standard_normal((piece, n_times), np.float32)
            error = np.random.default_rng((start, seed)).standard_normal(truth.shape, np.float32)
            return 0.25 + 0.05 * truth + np.float32(0.02 + 0.01 * seed) * error

        shape = tuple([piece] * (n_pixels // piece))
        data = dask.array.map_blocks(block, chunks=(shape, (n_times,)), dtype=np.float32)
        return xr.DataArray(data, dims=("pixel", "time"))

    def peak() -> float:
        # Not getrusage: its maximum is inherited from the process that started this one.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024

    def merge():
        merged = merge_products(dict(zip(names, products)))
        return dask.compute(merged.soil_moisture.mean(), merged.standard_error.mean())

    names = ["a", "b", "c"]
    products = [make(seed) for seed in (1, 2, 3)]
    triple_collocation(*(p[:2] for p in products), names=names).compute()
    before = peak()
    size = f"{n_pixels} x {n_times} x 3 float32, {12 * n_pixels * n_times / 1e9:.1f} GB"
    seconds, _ = timed(lambda: dask.compute(*[p.sum() for p in products]))
    rows.append(row(f"regional: making {size}", seconds))
    seconds, _ = timed(lambda: triple_collocation(*products, names=names).error_std.compute())
    rows.append(row(f"regional: making and collocating (peak +{peak() - before:.0f} MB)", seconds))
    seconds, _ = timed(merge)
    label = f"regional: making twice, fitting and merging (peak +{peak() - before:.0f} MB)"
    rows.append(row(label, seconds))
    return rows


def row(what: str, seconds: float, *, extrapolated: float = 1.0) -> dict[str, object]:
    return {"what": what, "seconds": seconds, "extrapolated_by": extrapolated}


def timed(function: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def best(function: Callable[[], object], repeats: int) -> tuple[float, object]:
    """Shortest of several runs: the one least disturbed by others, for peers and for us."""
    runs = [timed(function) for _ in range(repeats)]
    return min(seconds for seconds, _ in runs), runs[-1][1]


def machine() -> dict[str, object]:
    import numba

    return {
        "cores": os.cpu_count(),
        "load_average_at_start": LOAD,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
        "pytesmo": pytesmo.__version__,
    }


def report(n_pixels, rows, ratios, agreement, floors) -> None:
    print(", ".join(f"{key} {value}" for key, value in machine().items()))
    print(f"{n_pixels} pixels of {N_TIMES} days, {100 * GAPS:.0f} % lost; best of several runs\n")
    print(f"{'what':78s} {'seconds':>10s}  part")
    for line in rows:
        factor = line["extrapolated_by"]
        part = f"extrapolated x{factor:g}" if factor != 1.0 else ""
        print(f"{line['what']:78s} {line['seconds']:10.4f}  {part}")
    print("\npeer time / our time")
    for name, ratio in ratios.items():
        print(f"  {name:50s} {ratio:8.1f}")
    print("\nlargest difference from the peer")
    for name, value in agreement.items():
        print(f"  {name:50s} {value:8.1e}")
    print("\nfloor")
    for name, values in floors.items():
        print(f"  {name}: " + ", ".join(f"{key} {value:.4g}" for key, value in values.items()))


def write(quick, n_pixels, rows, ratios, agreement, floors) -> None:
    path = Path(__file__).parent / "results" / "collocation.json"
    path.parent.mkdir(exist_ok=True)
    content = {
        "machine": machine(),
        "quick": quick,
        "pixels": n_pixels,
        "days": N_TIMES,
        "rows": rows,
        "peer_over_ours": ratios,
        "agreement": agreement,
        "floors": floors,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {path.relative_to(Path(__file__).parents[1])}")


if __name__ == "__main__":
    main()
