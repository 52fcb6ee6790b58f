"""What a pull brought, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gee_sm.pull.status import PullStatus

__all__ = ["summary"]

_TOLD = {
    PullStatus.OK: "with values",
    PullStatus.SOME_BANDS_MISSING: "with some of the bands",
    PullStatus.REMOVED_BY_QUALITY_RULE: "removed by the quality rule",
    PullStatus.NO_STORED_VALUE: "without a stored value",
    PullStatus.NO_VALID_VALUE: "without a valid value",
    PullStatus.NO_IMAGE: "without an image",
    PullStatus.OUTSIDE_COVERAGE: "outside the product",
    PullStatus.NO_COORDINATES: "without coordinates",
}


def summary(dataset: xr.Dataset) -> list[str]:
    """Return lines about a pulled Dataset, whose values must be in memory.

    Parameters
    ----------
    dataset : xarray.Dataset
        From :func:`gee_sm.pull.stations` or :func:`gee_sm.pull.cube`, computed.

    Returns
    -------
    list of str
        What it is, what became of its values, and the range of each band.
    """
    sizes = [f"{size} {_plural(dim, size)}" for dim, size in dataset["status"].sizes.items()]
    source = dataset.attrs.get("source", "")
    lines = [f"{dataset.attrs.get('product', '')} ({source}): {' x '.join(sizes) or 'one value'}"]
    if "time" in dataset.dims and dataset.sizes["time"]:
        first, last = dataset["time"].values[0], dataset["time_bnds"].values[-1, 1]
        days = pd.Timestamp(first).floor("D"), pd.Timestamp(last).ceil("D")
        lines.append(f"  {days[0]:%Y-%m-%d} to {days[1]:%Y-%m-%d} (end exclusive), UTC")
    codes, counts = np.unique(dataset["status"].values, return_counts=True)
    shares = [
        f"{100 * count / counts.sum():.1f} % {_TOLD[PullStatus(int(code))]}"
        for code, count in zip(codes, counts, strict=True)
    ]
    lines.append(f"  {', '.join(shares)}")
    for name, array in dataset.data_vars.items():
        values = array.values
        units = array.attrs.get("units", "")
        valid = np.isfinite(values)
        told = f"  {name}: {int(valid.sum())} values"
        if valid.any():
            told += f", {values[valid].min():.4g} to {values[valid].max():.4g}"
            # Neither classes nor directions have a mean of their numbers.
            named = array.attrs.get("standard_name")
            if "comment" not in array.attrs and named != "ground_slope_direction":
                told += f", mean {values[valid].mean():.4g}"
            told += "" if units == "1" else f" {units}"
        lines.append(told.rstrip())
    if "distance_km" in dataset.coords:
        distance = dataset["distance_km"].values
        known = distance[np.isfinite(distance)]
        if known.size:
            lines.append(
                f"  pixel centres {known.min():.1f} to {known.max():.1f} km from the places, "
                f"median {np.median(known):.1f} km"
            )
        lost = dataset["station"].values[~np.isfinite(distance)]
        if lost.size:
            named = ", ".join(str(name) for name in lost[:8]) + (" ..." if lost.size > 8 else "")
            lines.append(f"  no series at {lost.size} places: {named}")
    if "requests_asked" in dataset.attrs:
        asked, cached = dataset.attrs["requests_asked"], dataset.attrs["requests_cached"]
        lines.append(f"  {asked} requests answered by {dataset.attrs['engine']}, {cached} by cache")
    return lines


def _plural(dim: object, size: int) -> str:
    names = {"station": "station", "time": "time", "y": "row", "x": "column"}
    name = names.get(str(dim), str(dim))
    return name if size == 1 else f"{name}s"
