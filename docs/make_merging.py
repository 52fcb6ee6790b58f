"""Write the tables and figures of ``docs/merging.md``.

Run ``python docs/make_merging.py [--quick]``; it works like ``docs/make_collocation.py``.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import xarray as xr
from core_sites import PRODUCTS
from make_collocation import (
    DOCS,
    FIGURES,
    core_site_triplets,
    plt,
    pybreaks_frames,
    save,
    write_page,
)

from local_core.collocation import triple_collocation
from local_core.markdown_table import aligned_table
from local_core.merging import ProductMerger, Weighting, merge_products
from local_core.synthetic.products import simulate_products

OPTIMUM_COLUMN = "merged RMSE / optimum"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer seeds for the synthetic tables")
    quick = parser.parse_args().quick
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    FIGURES.mkdir(exist_ok=True)
    write_page(
        DOCS / "merging.md",
        {
            "closure": lambda: closure(30 if quick else 200),
            "slip": lambda: slip(30 if quick else 200),
            "fallbacks": lambda: fallbacks(60 if quick else 400),
            "windows": lambda: windows(20 if quick else 100),
            "core-site-merging": core_site_merging,
            "pybreaks-correlation": pybreaks_correlation,
            "pybreaks-seasons": pybreaks_seasons,
        },
    )


def best_rmse(sample: xr.Dataset, reference: int = 0) -> float:
    """RMSE with known errors, by the products that are there each day."""
    scale = (sample.gain[reference] / sample.gain).values
    covariance = sample.error_covariance.values * np.outer(scale, scale)
    there = sample.products.notnull().transpose("product", ...).values
    total, count = 0.0, 0
    for pattern in range(1, 2**scale.size):
        used = [k for k in range(scale.size) if pattern >> k & 1]
        days = np.all([there[k] == (k in used) for k in range(scale.size)], axis=0).sum()
        block = covariance[np.ix_(used, used)]
        total += days / np.linalg.solve(block, np.ones(len(used))).sum()
        count += days
    return float(np.sqrt(total / count))


def rmse(merged: xr.Dataset, sample: xr.Dataset, reference: int = 0) -> float:
    """Against the truth as the reference sees it."""
    gain, offset = float(sample.gain[reference]), float(sample.offset[reference])
    return float(np.sqrt(((merged.soil_moisture - offset - gain * sample.truth) ** 2).mean()))


def closure(n_seeds: int) -> str:
    """Merged RMSE against the theoretical optimum."""
    pair = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
    shape = (n_seeds,)
    gaps = {"gap_fraction": (0.1, 0.3, 0.2), "gap_length": 5}
    models = {"error_correlation": pair, "error_std": (0.03, 0.024, 0.036)}
    cases = [
        ("1826 days, complete", {}, {}),
        ("1826 days, gaps in all products", gaps, {}),
        ("365 days, gaps in all products", {"n_times": 365, **gaps}, {}),
        ("60 months", {"n_times": 60, "truth_autocorrelation": 0.5}, {}),
        ("autocorrelated errors (0.7)", {"error_autocorrelation": 0.7}, {}),
        ("two with correlated errors (0.6), known", models, {"error_correlation": {(0, 1): 0.6}}),
        ("two with correlated errors (0.6), ignored", models, {}),
        ("rescaled by mean and sd only", {}, {"rescaling": "mean_std"}),
        ("equal weights of raw products", {}, {"method": "mean"}),
    ]
    rows = []
    for label, simulation, options in cases:
        sample = simulate_products(shape=shape, seed=7, **simulation)
        merged = merge_products(sample.products, **options)
        achieved, optimum = rmse(merged, sample), best_rmse(sample)
        stated = float(np.sqrt((merged.standard_error**2).mean()))
        rows.append(
            (
                label,
                f"{optimum:.5f}",
                f"{achieved:.5f}",
                f"{achieved / optimum:.3f}",
                f"{stated:.5f}",
            )
        )
    columns = [
        "products",
        "optimum RMSE",
        "merged RMSE",
        OPTIMUM_COLUMN,
        "stated standard error",
    ]
    return aligned_table(pd.DataFrame(rows, columns=columns))


def slip(n_seeds: int) -> str:
    """Weights in unlike ranges, the paper to the letter."""
    rows = []
    for gain in (1.0, 0.7, 0.4):
        std = 0.03
        sample = simulate_products(
            shape=(n_seeds,),
            gain=(1.0, gain, 1.0),
            offset=(0.0, 0.0, 0.0),
            # The second product is always twice as bad as the others in the space of the truth.
            error_std=(std, 2 * std * gain, std),
            seed=3,
        )
        for label, rescaling in (("rescaled first", "tc"), ("to the letter", "none")):
            merged = merge_products(sample.products, rescaling=rescaling)
            weights = merged.weight[0].mean("station").values
            r = float(xr.corr(merged.soil_moisture, sample.truth, dim="time").mean())
            rows.append((f"{gain:.1f}", label, *(f"{w:.2f}" for w in weights), f"{r:.4f}"))
    columns = ["gain of product 2", "variances", "w1", "w2", "w3", "R of the merged with the truth"]
    return aligned_table(pd.DataFrame(rows, columns=columns))


def fallbacks(n_seeds: int) -> str:
    """Where collocation does not resolve the errors: the paper's mean against the others."""
    shape = (n_seeds,)
    cases = [
        (
            "one product nearly perfect, 60 months",
            {"n_times": 60, "error_std": (0.002, 0.04, 0.04), "gain": (1, 1, 1)},
        ),
        (
            "three similar noisy products, 60 months",
            {"n_times": 60, "error_std": (0.06, 0.07, 0.08), "gain": (1, 1, 1)},
        ),
        ("one product unrelated to the others", {"n_times": 730, "gain": (1, 1, 0)}),
        (
            "one product almost unrelated",
            {"n_times": 730, "gain": (1, 1, 0.1), "error_std": (0.02, 0.03, 0.06)},
        ),
    ]
    rows = []
    for label, simulation in cases:
        sample = simulate_products(
            shape=shape, seed=9, truth_autocorrelation=0.6, offset=(0.0, 0.0, 0.0), **simulation
        )
        results = {}
        for name, chain in (
            ("mean (paper)", "mean"),
            ("floor, two_products, mean", ("floor", "two_products", "mean")),
        ):
            results[name] = merge_products(sample.products, fallback=chain)
        open_pixels = np.flatnonzero(results["mean (paper)"].weighting.values == Weighting.MEAN)
        row: dict[str, object] = {
            "products": label,
            "unresolved [%]": f"{100 * open_pixels.size / n_seeds:.0f}",
        }
        for name, merged in results.items():
            part = {"station": open_pixels}
            value = rmse(merged.isel(part), sample.isel(part)) if open_pixels.size else np.nan
            row[f"RMSE there, {name}"] = f"{value:.4f}"
        codes = results["floor, two_products, mean"].weighting.values[open_pixels]
        row["used"] = ", ".join(
            f"{code.name.lower()} {100 * (codes == code).mean():.0f} %"
            for code in Weighting
            if (codes == code).any()
        )
        rows.append(row)
    return aligned_table(pd.DataFrame(rows))


def windows(n_seeds: int) -> str:
    """Constant and seasonal weights under errors that change with the season."""
    rows = []
    for amplitude in (0.0, 0.3, 0.6, 0.9):
        sample = simulate_products(
            n_times=3652,
            shape=(n_seeds,),
            seasonal_error=amplitude,
            error_std=(0.03, 0.03, 0.04),
            gap_fraction=0.2,
            seed=2,
        )
        constant = rmse(merge_products(sample.products), sample)
        row = {"yearly cycle of the error sd": f"± {100 * amplitude:.0f} %"}
        row["RMSE, one window"] = f"{constant:.5f}"
        for window in ("season", "month"):
            value = rmse(merge_products(sample.products, window=window), sample)
            row[f"by {window}"] = f"{value:.5f} ({100 * (value / constant - 1):+.1f} %)"
        rows.append(row)
    return aligned_table(pd.DataFrame(rows))


def core_site_merging() -> str:
    """SMAP and ECMWF merged with weights of the first half, judged by the second half."""
    rows = []
    for name, products in core_site_triplets().items():
        half = products.shape[1] // 2
        past = dict(zip(PRODUCTS, products[:, :half]))
        future = dict(zip(PRODUCTS, products[:, half:]))
        truth = future["in situ"]
        merger = ProductMerger(reference="SMAP").fit(past)
        # The stations are in the triplet to find the errors, not in the mean that is judged.
        blind = future | {"in situ": np.full_like(truth, np.nan)}
        merged = merger.predict(blind)
        gain, offset = merger.gain_.values, merger.offset_.values
        ecmwf = gain[2] * future["ECMWF"] + offset[2]
        candidates = {
            "SMAP": future["SMAP"],
            "ECMWF": future["ECMWF"],
            "mean": (future["SMAP"] + future["ECMWF"]) / 2,
            "mean, rescaled": (future["SMAP"] + ecmwf) / 2,
            "TC-weighted": merged.soil_moisture.values,
        }
        weights = 1.0 / np.einsum("ii->i", merger.error_covariance_[0].values)[1:]
        row: dict[str, object] = {
            "site": name,
            "weight of SMAP": f"{weights[0] / weights.sum():.2f}",
            "weights by": Weighting(int(merger.weighting_)).name.lower(),
        }
        if name == "TxSON":
            draw_merged(name, truth, candidates, merged)
        for label, values in candidates.items():
            ok = np.isfinite(values) & np.isfinite(truth)
            row[f"R, {label}"] = f"{np.corrcoef(values[ok], truth[ok])[0, 1]:.3f}"
        rows.append(row)
    table = pd.DataFrame(rows)
    scores = table[[c for c in table if c.startswith("R, ")]].astype(float)
    last = {"site": "**median**", "weight of SMAP": "", "weights by": ""}
    last |= {column: f"**{scores[column].median():.3f}**" for column in scores}
    best = {"site": "best at", "weight of SMAP": "", "weights by": ""}
    best |= {column: f"{(scores.idxmax(axis=1) == column).sum()} sites" for column in scores}
    return aligned_table(pd.concat([table, pd.DataFrame([last, best])], ignore_index=True))


def draw_merged(
    name: str, truth: np.ndarray, candidates: dict[str, np.ndarray], merged: xr.Dataset
) -> None:
    """Stations, parents and the merged product with its standard error."""
    figure, axis = plt.subplots(figsize=(7.2, 3.0), constrained_layout=True)
    days = np.arange(truth.size)
    center, spread = merged.soil_moisture.values, 2 * merged.standard_error.values
    axis.fill_between(
        days, center - spread, center + spread, color="#9ecae1", lw=0, label="merged ± 2 s.e."
    )
    axis.plot(days, candidates["SMAP"], ".", ms=3, color="#1b6ca8", label="SMAP")
    axis.plot(days, candidates["ECMWF"], ".", ms=3, color="#d1662d", label="ECMWF (own range)")
    axis.plot(days, truth, color="0.2", lw=1, label="stations (not merged)")
    axis.set_xlabel("overpass of the second half of the record")
    axis.set_ylabel("soil moisture [m$^3$ m$^{-3}$]")
    axis.set_ylim(0, axis.get_ylim()[1] * 1.15)
    axis.legend(frameon=False, ncols=4, fontsize=8, loc="upper center")
    axis.set_title(f"{name}: SMAP and ECMWF merged with the weights of the first half")
    save(figure, "collocation_merged_series")


def pybreaks_products(frame: pd.DataFrame) -> dict[str, xr.DataArray]:
    """Columns as series with dates."""
    return {
        str(name): xr.DataArray(
            frame[name].to_numpy(), dims="time", coords={"time": frame.index.to_numpy()}
        )
        for name in frame
    }


def pybreaks_correlation() -> str:
    """What an error correlation of the two models would do to the answer."""
    correlations = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    std = {product: [] for product in ("GLDAS", "CCI", "MERRA-2")}
    weight = {product: [] for product in std}
    for correlation in correlations:
        known = {("GLDAS", "MERRA-2"): correlation} if correlation else None
        stds, weights = [], []
        for frame in pybreaks_frames().values():
            products = pybreaks_products(frame)
            stds.append(
                triple_collocation(
                    *products.values(), names=list(products), error_correlation=known
                ).error_std.values
            )
            merger = ProductMerger(error_correlation=known).fit(products)
            weights.append(merger.weights_[0].values)
        for k, product in enumerate(std):
            std[product].append(float(np.median(np.array(stds)[:, k])))
            weight[product].append(float(np.median(np.array(weights)[:, k])))
    rows = [
        (
            f"{correlation:.1f}",
            *(
                "-" if np.isnan(std[product][index]) else f"{std[product][index]:.2f}"
                for product in std
            ),
            *(f"{weight[product][index]:.2f}" for product in std),
        )
        for index, correlation in enumerate(correlations)
    ]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.9), constrained_layout=True)
    colors = {"GLDAS": "#d1662d", "CCI": "#1b6ca8", "MERRA-2": "#3a923a"}
    for product in std:
        axes[0].plot(correlations, std[product], "o-", ms=4, color=colors[product], label=product)
        axes[1].plot(correlations, weight[product], "o-", ms=4, color=colors[product])
    axes[0].set_ylabel("error sd, GLDAS range [% vol]")
    axes[1].set_ylabel("merging weight")
    for axis in axes:
        axis.set_xlabel("assumed error correlation GLDAS, MERRA-2")
    axes[0].set_ylim(bottom=0)
    axes[0].legend(frameon=False)
    figure.suptitle("Median over seven grid points: what a shared error of the models would mean")
    save(figure, "collocation_model_correlation")
    columns = ["assumed error correlation"]
    columns += [f"error sd, {product}" for product in std]
    columns += [f"weight, {product}" for product in std]
    return aligned_table(pd.DataFrame(rows, columns=columns))


def pybreaks_seasons() -> str:
    """Weights that change with the season."""
    weights = []
    for frame in pybreaks_frames().values():
        merged = merge_products(pybreaks_products(frame), window="season")
        weights.append(merged.weight.values)
    weights = np.array(weights)
    rows = [
        (season, *(f"{v:.2f}" for v in np.median(weights[:, k], axis=0)))
        for k, season in enumerate(("DJF", "MAM", "JJA", "SON"))
    ]
    spread = (weights.max(axis=1) - weights.min(axis=1)).mean(axis=0)
    rows.append(("range over seasons, mean of points", *(f"{v:.2f}" for v in spread)))
    return aligned_table(pd.DataFrame(rows, columns=["season", *frame]))


if __name__ == "__main__":
    main()
