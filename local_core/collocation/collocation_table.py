"""Collocation results as tables that can be read at a glance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from local_core.collocation.status import CollocationStatus

__all__ = ["collocation_table", "join_intervals", "status_counts"]

_COLUMNS = ("n", "error_std", "error_std_own", "beta", "r", "fmse", "snr_db")
_HAT_COLUMNS = ("n", "error_std", "relative_uncertainty", "mean")


def collocation_table(result: xr.Dataset) -> pd.DataFrame:
    """One row per product for a series, per station and product for stations, a summary for maps.

    Parameters
    ----------
    result : xarray.Dataset
        Of :func:`~local_core.collocation.triple_collocation`,
        :func:`~local_core.collocation.extended_collocation` or
        :func:`~local_core.collocation.three_cornered_hat`.

    Returns
    -------
    pandas.DataFrame
        Series and stations: the estimates with their bounds and the status. Maps: ``resolved``
        (share of the pixels with a usable estimate) and the median of every estimate over them.

    Examples
    --------
    >>> from local_core.collocation import triple_collocation
    >>> from local_core.synthetic.products import simulate_products
    >>> table = collocation_table(triple_collocation(*simulate_products(seed=0).products))
    >>> table.columns[:3].tolist(), table.shape[0]
    (['product', 'n', 'error_std'], 3)
    """
    columns = _HAT_COLUMNS if "relative_uncertainty" in result else _COLUMNS
    columns = tuple(name for name in columns if name in result)
    grid = [str(d) for d in result["status"].dims if d != "product"]
    usable = result["status"].isin([CollocationStatus.OK, CollocationStatus.CONSTRAINT_ACTIVE])
    rows = []
    if len(grid) >= 2:
        for product in result["product"].values:
            selected = result.sel(product=product)
            here = usable.sel(product=product)
            row = {"product": str(product), "resolved": float(here.mean())}
            for name in columns:
                row[name] = float(selected[name].where(here).median())
            rows.append(row)
        return pd.DataFrame(rows)
    stations = result[grid[0]].values if grid and grid[0] in result.coords else None
    if grid and stations is None:
        stations = np.arange(result.sizes[grid[0]])
    for index in range(result.sizes[grid[0]] if grid else 1):
        here = result.isel({grid[0]: index}) if grid else result
        for position, product in enumerate(result["product"].values):
            one = here.isel(product=position)
            row = {grid[0]: stations[index]} if grid else {}
            row["product"] = str(product)
            for name in columns:
                row[name] = one[name].item()
                for end in ("lower", "upper"):
                    if f"{name}_ci_{end}" in one:
                        row[f"{name}_{end}"] = one[f"{name}_ci_{end}"].item()
            row["status"] = CollocationStatus(int(one["status"])).name.lower()
            rows.append(row)
    return pd.DataFrame(rows)


def status_counts(result: xr.Dataset) -> pd.DataFrame:
    """How often each status occurs, per product.

    Parameters
    ----------
    result : xarray.Dataset

    Returns
    -------
    pandas.DataFrame
        One row per product, one column per status that occurs.
    """
    counts = {}
    for position, product in enumerate(result["product"].values):
        codes, numbers = np.unique(result["status"].isel(product=position), return_counts=True)
        counts[str(product)] = {
            CollocationStatus(int(code)).name.lower(): int(number)
            for code, number in zip(codes, numbers)
        }
    table = pd.DataFrame.from_dict(counts, orient="index").fillna(0).astype(int)
    return table.rename_axis("product").reset_index()


def join_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Put the bounds of an estimate into its own cell, for reading.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`collocation_table`.

    Returns
    -------
    pandas.DataFrame
        Columns with bounds become text such as ``0.0124 [0.0112, 0.0137]``.
    """
    joined = table.copy()
    for name in table.columns:
        lower, upper = f"{name}_lower", f"{name}_upper"
        if lower in table.columns:
            bounds = zip(table[name], table[lower], table[upper])
            joined[name] = [
                f"{value:.3g} [{low:.3g}, {high:.3g}]" if np.isfinite(value) else "-"
                for value, low, high in bounds
            ]
            joined = joined.drop(columns=[lower, upper])
    return joined
