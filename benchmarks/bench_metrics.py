"""Scores of many pixels at once against a loop over pytesmo.

Run ``python benchmarks/bench_metrics.py [--quick]``. Peers and ours see the same synthetic pixels
(1826 days, 30 % gaps) in this one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytesmo
import scipy
from pytesmo.metrics import pairwise
from pytesmo.metrics.confidence_intervals import with_bootstrapped_ci
from pytesmo.time_series.anomaly import calc_anomaly
from scipy import stats

from local_core.metrics import anomaly, scores

N_DAYS = 1826


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the pixels, nothing written"
    )
    quick = parser.parse_args().quick
    n_pixels = 100 if quick else 1000
    n_boot_pixels, n_boot = (2, 200) if quick else (5, 1000)
    x, y = pixels(n_pixels)
    rows = []

    def compare(what: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
        ours()
        mine = min(timed(ours) for _ in range(3))
        peer = timed(theirs)
        rows.append({"what": what, "ours_s": mine, "pytesmo_s": peer, "ratio": peer / mine})

    compare(
        f"all scores, {n_pixels} pixels",
        lambda: scores(x, y),
        lambda: [peer_scores(a, b) for a, b in zip(x, y)],
    )
    no_ranks = ("r", "p", "bias", "rmse", "ubrmse", "mse", "mse_corr", "mse_bias", "mse_var")
    compare(
        f"all but Spearman, {n_pixels} pixels",
        lambda: scores(x, y, metrics=no_ranks),
        lambda: [peer_scores(a, b, ranks=False) for a, b in zip(x, y)],
    )
    compare(
        f"all scores with closed-form intervals, {n_pixels} pixels",
        lambda: scores(x, y, interval="analytic"),
        lambda: [peer_scores(a, b, intervals=True) for a, b in zip(x, y)],
    )
    few = slice(0, n_boot_pixels)
    compare(
        f"bootstrap of 4 scores, {n_boot} replicates, {n_boot_pixels} pixels",
        lambda: scores(
            x[few],
            y[few],
            metrics=("r", "bias", "rmse", "ubrmse"),
            interval="bootstrap",
            n_boot=n_boot,
            block_length=1,
        ),
        lambda: [peer_bootstrap(a, b, n_boot) for a, b in zip(x[few], y[few])],
    )
    time_axis = pd.date_range("2015-01-01", periods=N_DAYS)
    compare(
        f"anomalies, 35-day window, {n_pixels} pixels",
        lambda: anomaly(x, time=time_axis.values),
        lambda: [calc_anomaly(pd.Series(a, time_axis)) for a in x],
    )
    n_large = n_pixels * 10
    large = pixels(n_large)
    seconds = timed(lambda: scores(*large))
    report(rows, n_large, seconds)
    if quick:
        return
    content = {
        "machine": machine(),
        "rows": rows,
        "scores_of_many_pixels": {"pixels": n_large, "days": N_DAYS, "seconds": seconds},
    }
    path = Path(__file__).parent / "results" / "metrics.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def pixels(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    y = rng.uniform(0.05, 0.45, (n, N_DAYS))
    x = 0.8 * y + 0.05 + rng.normal(0, 0.04, y.shape)
    x[rng.random(x.shape) < 0.3] = np.nan
    return x, y


def peer_scores(
    x: np.ndarray, y: np.ndarray, *, ranks: bool = True, intervals: bool = False
) -> list[float]:
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    out = [
        *stats.pearsonr(x, y),
        pairwise.bias(x, y),
        pairwise.rmsd(x, y),
        pairwise.ubrmsd(x, y),
        *pairwise.mse_decomposition(x, y),
    ]
    if ranks:
        out += [*stats.spearmanr(x, y)]
        out += [pairwise.aad(x, y), pairwise.nash_sutcliffe(y, x)]
    if intervals:
        out += pairwise.pearson_r_ci(x, y, out[0])
        out += pairwise.bias_ci(x, y, out[2])
        out += pairwise.ubrmsd_ci(x, y, out[4])
        out += pairwise.spearman_r_ci(x, y, out[-3])
    return out


def peer_bootstrap(x: np.ndarray, y: np.ndarray, n_boot: int) -> None:
    both = np.isfinite(x) & np.isfinite(y)
    for metric in (pairwise.pearson_r, pairwise.bias, pairwise.rmsd, pairwise.ubrmsd):
        with_bootstrapped_ci(metric, x[both], y[both], nsamples=n_boot)


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, pytesmo {pytesmo.__version__}"
    )


def report(rows: list[dict[str, object]], n_large: int, seconds: float) -> None:
    print(f"{N_DAYS} days, 30 % gaps; {machine()}")
    print()
    print(f"{'':<58} {'ours [s]':>10} {'pytesmo [s]':>12} {'ratio':>7}")
    for row in rows:
        print(
            f"{row['what']:<58} {row['ours_s']:>10.3f} {row['pytesmo_s']:>12.3f} "
            f"{row['ratio']:>6.1f}x"
        )
    print(f"{f'all scores, {n_large} pixels':<58} {seconds:>10.3f}")


if __name__ == "__main__":
    main()
