"""Refit over random divisions: one batch of normal equations against a loop over scikit-learn.

Run ``python benchmarks/bench_calibration.py [--quick]``. Everything is measured in this one run, on
synthetic samples of the size of Li et al. (2025): 2105 ascending sets, three predictors, 8:2.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
import sklearn
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_limits

from local_core.calibration import random_subsets, split_regression
from local_core.calibration.normal_equations import NormalEquations, product_columns
from local_core.calibration.samples import checked_samples

N_SAMPLES, SHARE = 2105, 0.8
N_VALIDATION = N_SAMPLES - round(SHARE * N_SAMPLES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="500 divisions instead of 10,000, nothing written"
    )
    quick = parser.parse_args().quick
    n_splits = 500 if quick else 10_000
    x, y = samples()
    rows: list[dict[str, object]] = []

    parts = np.concatenate(list(random_subsets(N_SAMPLES, N_VALIDATION, n_splits))).astype(bool)
    seconds, (values, r2) = timed(lambda: sklearn_loop(x, y, parts))
    rows.append({"what": "scikit-learn loop, divisions given (none drawn)", "seconds": seconds})
    seconds_lstsq, _ = timed(lambda: lstsq_loop(x, y, parts))
    rows.append(
        {"what": "numpy lstsq loop, divisions given (none drawn)", "seconds": seconds_lstsq}
    )

    split_regression(x, y, n_splits=n_splits)
    repeats = [timed(lambda: split_regression(x, y, n_splits=n_splits)) for _ in range(7)]
    ours = [r[0] for r in repeats]
    result = repeats[-1][1]
    rows.append({"what": "split_regression, median of 7", "seconds": float(np.median(ours))})
    rows.append({"what": "split_regression, best of 7", "seconds": min(ours)})
    rows += anatomy(x, y, n_splits)

    stations = np.random.default_rng(2).integers(0, 86, N_SAMPLES)
    grouped = min(
        timed(lambda: split_regression(x, y, n_splits=n_splits, groups=stations))[0]
        for _ in range(5)
    )
    rows.append({"what": "split_regression, 86 whole stations, best of 5", "seconds": grouped})

    difference = {
        "coefficients": float(np.abs(result.values - values).max()),
        "r2_training": float(np.abs(result.r2_training - r2[:, 0]).max()),
        "r2_validation": float(np.abs(result.r2_validation - r2[:, 1]).max()),
    }
    tracemalloc.start()
    split_regression(x, y, n_splits=n_splits)
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    median = float(np.median(ours))
    ratio = {
        "scikit-learn / ours, median": seconds / median,
        "scikit-learn / ours, best": seconds / min(ours),
        "numpy lstsq / ours, median": seconds_lstsq / median,
    }
    report(n_splits, rows, ratio, difference, peak_mb, result)
    if not quick:
        write(n_splits, rows, ratio, difference, peak_mb)


def samples() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = np.column_stack(
        [
            rng.gamma(4.0, 1.2, N_SAMPLES),
            rng.uniform(0.05, 0.8, N_SAMPLES),
            rng.uniform(-0.3, 0.4, N_SAMPLES),
        ]
    )
    noise = rng.normal(0, 0.06, N_SAMPLES)
    return x, x @ [0.0148, 0.186, 0.158] + 0.054 + noise


def sklearn_loop(x: np.ndarray, y: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, r2 = np.empty((len(parts), 4)), np.empty((len(parts), 2))
    for k, held_out in enumerate(parts):
        kept = ~held_out
        model = LinearRegression().fit(x[kept], y[kept])
        values[k, :3], values[k, 3] = model.coef_, model.intercept_
        r2[k] = model.score(x[kept], y[kept]), model.score(x[held_out], y[held_out])
    return values, r2


def lstsq_loop(x: np.ndarray, y: np.ndarray, parts: np.ndarray) -> np.ndarray:
    design = np.column_stack([x, np.ones(len(x))])
    values = np.empty((len(parts), 4))
    for k, held_out in enumerate(parts):
        kept = ~held_out
        values[k] = np.linalg.lstsq(design[kept], y[kept], rcond=None)[0]
        for rows in (kept, held_out):
            residual = y[rows] - design[rows] @ values[k]
            _ = 1 - residual @ residual / ((y[rows] - y[rows].mean()) ** 2).sum()
    return values


def anatomy(x: np.ndarray, y: np.ndarray, n_splits: int) -> list[dict[str, object]]:
    """Where the time of the batch goes, and what no implementation of this kind can avoid."""
    products = product_columns(checked_samples(x, y).standardised)
    members = next(random_subsets(N_SAMPLES, N_VALIDATION, n_splits)).astype(np.float64)
    sums = np.concatenate(
        [m.astype(np.float64) @ products for m in random_subsets(N_SAMPLES, N_VALIDATION, n_splits)]
    )

    def draw() -> None:
        for _ in random_subsets(N_SAMPLES, N_VALIDATION, n_splits):
            pass

    def solve() -> None:
        training = NormalEquations.from_sums(products.sum(axis=0) - sums)
        fitted = training.solve()
        training.r2(fitted)
        NormalEquations.from_sums(sums).r2(fitted)

    def floor() -> None:
        with threadpool_limits(1, "blas"):
            for _ in range(n_splits // len(members)):
                _ = members @ products

    steps = {
        "  of which drawing the divisions": draw,
        "  of which solving and R2": solve,
        "floor: the product alone, memberships in cache": floor,
    }
    return [
        {"what": name, "seconds": min(timed(step)[0] for _ in range(5))}
        for name, step in steps.items()
    ]


def timed(call: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}"
    )


def report(n_splits, rows, ratio, difference, peak_mb, result) -> None:
    print(f"{n_splits} divisions of {N_SAMPLES} samples, 3 predictors, {SHARE:.0%} to train on")
    print(machine())
    print()
    for row in rows:
        print(f"{row['what']:<52} {row['seconds'] * 1000:12.1f} ms")
    print()
    for name, value in ratio.items():
        print(f"{name:<52} {value:12.0f} x")
    print()
    for name, value in difference.items():
        print(f"largest difference from scikit-learn, {name:<14} {value:12.1e}")
    print(f"{'peak memory of numpy arrays':<52} {peak_mb:12.1f} MB")
    print(f"{'correlation of training and validation R2':<52} {result.r2_correlation:12.3f}")


def write(n_splits, rows, ratio, difference, peak_mb) -> None:
    content = {
        "machine": machine(),
        "n_samples": N_SAMPLES,
        "n_splits": n_splits,
        "seconds": {str(r["what"]).strip(): r["seconds"] for r in rows},
        "ratio": ratio,
        "largest_difference": difference,
        "peak_mb": peak_mb,
    }
    path = Path(__file__).parent / "results" / "calibration.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
