"""Write the tables and figures of ``docs/collocation.md``.

Run ``python docs/make_collocation.py [--quick]``. The text of the page is written by hand; what
stands between ``<!-- table: name -->`` and ``<!-- end -->`` is replaced. Real observations are read
from the folder ``GEE_SM_SHARED_DATA`` (by default ``shared/data`` beside the checkout).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from core_sites import PRODUCTS, core_site_tables
from page_parts import replace_part
from tqdm import tqdm

from local_core.collocation import (
    CollocationStatus,
    extended_collocation,
    suggest_block_length,
    three_cornered_hat,
    triple_collocation,
)
from local_core.markdown_table import aligned_table
from local_core.synthetic.products import simulate_products

matplotlib.use("Agg")
from matplotlib import pyplot as plt

DOCS = Path(__file__).resolve().parent
FIGURES = DOCS / "figures"
SHARED = Path(os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data"))
COLORS = {"in situ": "#444444", "SMAP": "#1b6ca8", "ECMWF": "#d1662d"}
POINTS = ("315220", "325278", "388572", "402962", "402963", "402971", "431789")


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer seeds for the synthetic tables")
    quick = parser.parse_args().quick
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    FIGURES.mkdir(exist_ok=True)
    makers: dict[str, Callable[[], str]] = {
        "wind": wind,
        "core-sites": core_sites,
        "block-lengths": block_lengths,
        "pybreaks": pybreaks,
        "pybreaks-hat": pybreaks_hat,
        "coverage": lambda: coverage(100 if quick else 500),
        "recovery": lambda: recovery(50 if quick else 400),
        "speed": speed,
    }
    write_page(DOCS / "collocation.md", makers)


def write_page(page: Path, makers: dict[str, Callable[[], str]]) -> None:
    """Exchange the tables of a page."""
    for name, make in tqdm(makers.items(), desc="tables"):
        text = f"\n\n{make().rstrip()}\n\n"
        replace_part(page, f"<!-- table: {name} -->", "<!-- end -->", text)


def wind() -> str:
    """KNMI's sample against its published result."""
    data = np.loadtxt(SHARED / "knmiscat__triple_collocation" / "collocations_in_u").T
    published = {
        "a": (1.0, 1.000272, 0.967527),
        "b": (0.0, 0.165876, 0.030271),
        "error variance": (1.367916, 0.325187, 2.009558),
        "error sd": (1.169580, 0.570252, 1.417589),
    }
    rows = []
    for label, sigma in (("this package, sigma test 4", 4.0), ("this package, no test", None)):
        result = triple_collocation(*data, outlier_sigma=sigma, ddof=0)
        a = 1.0 / result.beta.values
        found = {
            "a": a,
            "b": result["mean"].values - a * float(result["mean"][0]),
            "error variance": result.error_var.values,
            "error sd": result.error_std.values,
        }
        accepted = int(result.n)
        for name, values in found.items():
            rows.append((name, label, *(f"{v:.6f}" for v in values), accepted))
    for name, values in published.items():
        rows.append((name, "published", *(f"{v:.6f}" for v in values), 3351))
    columns = ["quantity", "source", "buoy", "scatterometer", "model", "accepted"]
    order = {name: k for k, name in enumerate(published)}
    sources = ("published", "this package, sigma test 4", "this package, no test")
    rows.sort(key=lambda row: (order[row[0]], sources.index(row[1])))
    return aligned_table(pd.DataFrame(rows, columns=columns))


def core_site_triplets() -> dict[str, np.ndarray]:
    """In situ, SMAP and ECMWF of every core site, (3, overpass)."""
    return {name: table.to_numpy().T for name, table in core_site_tables(SHARED).items()}


def core_sites() -> str:
    """Errors of SMAP and ECMWF at core sites, with intervals."""
    rows, results = [], {}
    for name, products in core_site_triplets().items():
        result = triple_collocation(*products, names=PRODUCTS, bootstrap=2000, random_state=0)
        results[name] = result
        for k, product in enumerate(PRODUCTS):
            one = result.isel(product=k)
            rows.append(
                {
                    "site": name if k == 0 else "",
                    "n": str(int(result.n)) if k == 0 else "",
                    "product": product,
                    "error sd, own range [m3 m-3]": with_bounds(one, "error_std_own", ".4f"),
                    "R with truth": with_bounds(one, "r", ".2f"),
                    "SNR [dB]": with_bounds(one, "snr_db", ".1f"),
                    "beta": f"{float(one.beta):.2f}",
                }
            )
    figure, axis = plt.subplots(figsize=(7.2, 3.6), constrained_layout=True)
    for position, result in enumerate(results.values()):
        for k, product in enumerate(PRODUCTS):
            one = result.isel(product=k)
            center = float(one.error_std_own)
            low, high = float(one.error_std_own_ci_lower), float(one.error_std_own_ci_upper)
            axis.errorbar(
                position + 0.2 * (k - 1),
                center,
                yerr=[[center - low], [high - center]],
                fmt="o",
                ms=4,
                color=COLORS[product],
                label=product if position == 0 else None,
            )
    axis.set_xticks(range(len(results)), results, rotation=30, ha="right")
    axis.set_ylabel("random error sd, own range [m$^3$ m$^{-3}$]")
    axis.set_ylim(bottom=0)
    axis.legend(frameon=False, ncols=3)
    axis.set_title("Triple collocation at SMAP core sites, 95 % block-bootstrap intervals")
    save(figure, "collocation_core_sites")
    return aligned_table(pd.DataFrame(rows))


def pybreaks_frames() -> dict[str, pd.DataFrame]:
    """Daily GLDAS, ESA CCI and MERRA-2 of every grid point."""
    folder = SHARED / "TUW-GEO__pybreaks" / "tests" / "test-data" / "csv_ts"
    frames = {}
    for point in POINTS:
        frame = pd.read_csv(folder / f"data_{point}.csv", index_col=0, parse_dates=True)
        frame.columns = ["GLDAS", "CCI", "MERRA-2"]
        frames[point] = frame
    return frames


def block_lengths() -> str:
    """What the Politis-White rule makes of real triplets."""
    rows = []
    for name, products in core_site_triplets().items():
        found = suggest_block_length(*products)
        rows.append((name, "overpasses", products.shape[1], *lengths(found)))
    for point, frame in pybreaks_frames().items():
        found = suggest_block_length(*frame.to_numpy().T)
        joint = int(frame.notna().all(axis=1).sum())
        rows.append((f"pybreaks {point}", "days", joint, *lengths(found)))
    columns = ["triplet", "sampling", "n", "for error variances", "for R and SNR"]
    return aligned_table(pd.DataFrame(rows, columns=columns))


def lengths(found: xr.Dataset) -> tuple[str, str]:
    """Medians over the products as text."""
    return tuple(f"{float(found[name].median()):.0f}" for name in ("error_var", "signal_var"))


def pybreaks() -> str:
    """Errors of two models and a satellite product."""
    rows = []
    for point, frame in pybreaks_frames().items():
        result = triple_collocation(
            *frame.to_numpy().T, names=list(frame), bootstrap=1000, block_length=60, random_state=0
        )
        for k, product in enumerate(frame):
            one = result.isel(product=k)
            rows.append(
                {
                    "point": point if k == 0 else "",
                    "n": str(int(result.n)) if k == 0 else "",
                    "product": product,
                    "error sd, GLDAS range [% vol]": with_bounds(one, "error_std", ".2f"),
                    "R with truth": with_bounds(one, "r", ".2f"),
                    "SNR [dB]": with_bounds(one, "snr_db", ".1f"),
                    "beta": f"{float(one.beta):.2f}",
                }
            )
    return aligned_table(pd.DataFrame(rows))


def pybreaks_hat() -> str:
    """The hat on raw products, beside collocation."""
    rows = []
    for point, frame in pybreaks_frames().items():
        products = frame.to_numpy().T
        tc = triple_collocation(*products)
        raw = three_cornered_hat(list(products))
        rows.append(
            (
                point,
                *(f"{v:.2f}" for v in tc.error_std.values),
                *(f"{v:.2f}" for v in raw.error_std.values),
                CollocationStatus(int(raw.status[0])).name.lower(),
            )
        )
    columns = ["point", *(f"{method}: {name}" for method in ("TC", "raw hat") for name in frame)]
    return aligned_table(pd.DataFrame(rows, columns=[*columns, "status of the hat"]))


def coverage(n_seeds: int) -> str:
    """Share of 95 % intervals that contain what was planted."""
    calls = 6
    cases = [
        ("365 days", 365, 0.0, (1,)),
        ("1826 days, 27 % lost", 1826, 0.0, (1, None)),
        ("1826 days, 27 % lost", 1826, 0.5, (1, None, 40, 60)),
        ("1826 days, 27 % lost", 1826, 0.7, (1, None, 40, 60)),
        ("1826 days, 27 % lost", 1826, 0.9, (1, None, 40, 60, 90)),
        ("3652 days, 27 % lost", 3652, 0.9, (1, None, 60, 90)),
    ]
    rows = []
    curves: dict[float, list[tuple[int, float]]] = {}
    for label, n_times, phi, block_choices in cases:
        for block in block_choices:
            shares: dict[str, list[float]] = {"error_var_own": [], "beta": [], "fmse": []}
            for call in range(calls):
                sample = simulate_products(
                    n_times=n_times,
                    shape=(n_seeds,),
                    gain=(1, 1, 1),
                    error_autocorrelation=phi,
                    gap_fraction=0.1 if "lost" in label else 0.0,
                    truth_autocorrelation=0.9,
                    seasonal_amplitude=0.0,
                    seed=10 * call + 1,
                )
                result = triple_collocation(
                    *sample.products, bootstrap=600, block_length=block, random_state=call, alpha=0
                )
                variance = 0.04**2
                planted = {
                    "error_var_own": sample.error_var,
                    "beta": xr.ones_like(sample.error_var),
                    "fmse": sample.error_var / (sample.error_var + variance),
                }
                for name, values in planted.items():
                    chosen = slice(1, None) if name == "beta" else slice(None)
                    low = result[f"{name}_ci_lower"].isel(product=chosen)
                    high = result[f"{name}_ci_upper"].isel(product=chosen)
                    inside = (low <= values) & (values <= high)
                    shares[name].append(float(inside.mean()))
            used = result.attrs["bootstrap_block_length"]
            if n_times == 1826:
                share = 100 * float(np.mean(shares["error_var_own"]))
                curves.setdefault(phi, []).append((used, share))
            rows.append(
                (
                    label,
                    f"{phi:.1f}",
                    f"{used} (default)" if block is None else str(used),
                    *(f"{100 * np.mean(values):.1f}" for values in shares.values()),
                )
            )
    figure, axis = plt.subplots(figsize=(5.2, 3.0), constrained_layout=True)
    axis.axhline(95, color="0.7", lw=1, zorder=0)
    for phi, points in curves.items():
        axis.plot(*zip(*sorted(points)), "o-", ms=4, label=f"{phi:.1f}")
    axis.set_xlabel("block length [days]")
    axis.set_ylabel("intervals that cover [%]")
    axis.set_ylim(50, 100)
    axis.legend(frameon=False, title="lag-one autocorrelation\nof the errors", loc="lower right")
    axis.set_title("95 % intervals of the error variance, 1,826 days")
    save(figure, "collocation_coverage")
    columns = [
        "record",
        "lag-one autocorrelation of errors",
        "block [days]",
        "error variance [%]",
        "beta [%]",
        "fMSE, R, SNR [%]",
    ]
    return aligned_table(pd.DataFrame(rows, columns=columns))


def recovery(n_seeds: int) -> str:
    """Planted and found error standard deviations."""
    correlation = np.eye(5)
    correlation[3, 4] = correlation[4, 3] = 0.5
    common = {
        "n_times": 1826,
        "shape": (n_seeds,),
        "gain": (1,) * 5,
        "offset": (0.0,) * 5,
        "error_std": (0.020, 0.030, 0.040, 0.035, 0.025),
        "gap_fraction": 0.1,
        "error_autocorrelation": 0.5,
        "seed": 5,
    }
    independent = simulate_products(**common)
    correlated = simulate_products(error_correlation=correlation, **common)
    cases = {
        "TC of the first three, independent": triple_collocation(
            *independent.products.isel(product=[0, 1, 2])
        ).error_std_own,
        "hat of five, independent": three_cornered_hat(independent.products).error_std,
        "extended, independent": extended_collocation(independent.products).error_std_own,
        "hat of five, 4 and 5 correlated (0.5)": three_cornered_hat(correlated.products).error_std,
        "extended, 4 and 5 taken as independent": extended_collocation(
            correlated.products
        ).error_std_own,
        "extended, 4 and 5 allowed to correlate": extended_collocation(
            correlated.products, correlated=[(3, 4)]
        ).error_std_own,
    }
    rows = [("planted", *(f"{v:.4f}" for v in independent.error_std.values))]
    for label, found in cases.items():
        mean, spread = found.mean("station").values, found.std("station").values
        cells = [f"{m:.4f} ± {s:.4f}" for m, s in zip(mean, spread)]
        rows.append((label, *cells, *[""] * (5 - len(cells))))
    return aligned_table(pd.DataFrame(rows, columns=["method", *"12345"]))


def speed() -> str:
    """From the last benchmark run."""
    results = json.loads(
        (DOCS.parent / "benchmarks" / "results" / "collocation.json").read_text(encoding="utf-8")
    )
    rows = [
        (
            line["what"],
            f"{line['seconds']:.3g}",
            f"x{line['extrapolated_by']:g}" if line["extrapolated_by"] != 1 else "",
        )
        for line in results["rows"]
    ]
    table = aligned_table(pd.DataFrame(rows, columns=["what", "seconds", "extrapolated"]))
    ratios = aligned_table(
        pd.DataFrame(
            [(name, f"{ratio:.1f}") for name, ratio in results["peer_over_ours"].items()],
            columns=["task", "peer's time / ours"],
        )
    )
    floor = results["floors"]["TC"]
    distance = (
        f"Floor of TC: reading its {floor['bytes'] / 1e6:.0f} MB once, "
        f"{floor['floor_seconds']:.3g} s; numba is at {floor['distance_numba']:.1f} times the "
        f"floor, numpy at {floor['distance_numpy']:.0f}. Floor of the bootstrap: its matrix "
        f"product, {results['floors']['bootstrap']['flop'] / 1e9:.0f} GFLOP in single precision, "
        f"{results['floors']['bootstrap']['floor_seconds']:.3g} s; ours takes "
        f"{results['floors']['bootstrap']['distance']:.1f} times that."
    )
    machine = ", ".join(f"{key} {value}" for key, value in results["machine"].items())
    size = f"{results['pixels']} pixels of {results['days']} days"
    return f"Measured in one run on {machine}; {size}.\n\n{table}\n{ratios}\n{distance}"


def with_bounds(one: xr.Dataset, name: str, form: str) -> str:
    """Estimate and interval as text."""
    values = (float(one[name]), float(one[f"{name}_ci_lower"]), float(one[f"{name}_ci_upper"]))
    return "{} [{}, {}]".format(*(format(value, form) for value in values))


def save(figure: plt.Figure, name: str) -> None:
    """Write a figure and forget it."""
    figure.savefig(FIGURES / f"{name}.png", dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    main()
