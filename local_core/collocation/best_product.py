"""Which product is best where, and how often per land cover (Qu et al. 2021, figs. 7 and 15)."""

from __future__ import annotations

import numpy as np
import xarray as xr

from local_core.collocation.status import CollocationStatus

__all__ = ["best_product", "best_product_shares"]

NONE = -1


def best_product(uncertainty: xr.DataArray, *, status: xr.DataArray | None = None) -> xr.DataArray:
    """Map of the product with the smallest uncertainty.

    Parameters
    ----------
    uncertainty : xarray.DataArray
        Over ``product`` and any other dimensions, such as ``error_std`` or
        ``relative_uncertainty`` of a collocation result; NaN where there is none.
    status : xarray.DataArray, optional
        Of the same result: products with a status other than ``ok`` or ``constraint_active`` do not
        take part.

    Returns
    -------
    xarray.DataArray of int8
        Position along ``product``, -1 where no product has an uncertainty; ``flag_values`` and
        ``flag_meanings`` name the products.

    Raises
    ------
    ValueError
        If there is no dimension ``product``.

    Examples
    --------
    >>> import xarray as xr
    >>> sd = xr.DataArray([[0.02, float("nan")], [0.03, float("nan")]], dims=("product", "x"))
    >>> best_product(sd).values.tolist()
    [0, -1]
    """
    if "product" not in uncertainty.dims:
        raise ValueError(
            f"uncertainty must have a dimension 'product', got {tuple(uncertainty.dims)}"
        )
    if status is not None:
        usable = status.isin([CollocationStatus.OK, CollocationStatus.CONSTRAINT_ACTIVE])
        uncertainty = uncertainty.where(usable)
    known = uncertainty.notnull().any("product")
    best = uncertainty.fillna(np.inf).argmin("product").where(known, NONE).astype(np.int8)
    if "product" in uncertainty.coords:
        labels = [str(name) for name in uncertainty["product"].values]
    else:
        labels = [f"product_{index}" for index in range(uncertainty.sizes["product"])]
    best.attrs = {
        "long_name": "product with the smallest uncertainty",
        "flag_values": np.arange(NONE, len(labels), dtype=np.int8),
        "flag_meanings": " ".join(["none", *(label.replace(" ", "_") for label in labels)]),
    }
    return best.rename("best_product")


def best_product_shares(
    best: xr.DataArray, land_cover: xr.DataArray, *, area: xr.DataArray | None = None
) -> xr.Dataset:
    """Share of the area of every land-cover class in which each product is best.

    Parameters
    ----------
    best : xarray.DataArray
        From :func:`best_product`.
    land_cover : xarray.DataArray
        Class codes on the same grid; NaN or negative where unknown. Attributes ``flag_values`` and
        ``flag_meanings``, if present, name the classes.
    area : xarray.DataArray, optional
        Cell areas; cells of a latitude-longitude grid shrink with cos(latitude). By default every
        cell counts the same.

    Returns
    -------
    xarray.Dataset
        ``share`` over ``land_cover`` and ``product`` (adds to 1 over ``product``), and ``n``, the
        number of cells of the class with a best product. A class with none has NaN shares.

    Raises
    ------
    ValueError
        If the grids differ.
    """
    for name, other in (("land_cover", land_cover), ("area", area)):
        if other is not None and not set(other.dims) <= set(best.dims):
            raise ValueError(
                f"{name} has dimensions {tuple(other.dims)}, the map has {tuple(best.dims)}"
            )
    weights = xr.ones_like(best, dtype=np.float64) if area is None else area.astype(np.float64)
    best, land_cover, weights = xr.broadcast(best, land_cover, weights)
    codes = best.attrs.get("flag_values")
    if codes is None:
        raise ValueError("the map has no flag_values: make it with best_product")
    names = str(best.attrs["flag_meanings"]).split()[1:]
    cover = land_cover.values
    known = np.isfinite(cover.astype(np.float64)) & (cover.astype(np.float64) >= 0)
    counted = known & (best.values != NONE) & np.isfinite(weights.values)
    classes = np.unique(cover[known])
    share = np.full((classes.size, len(names)), np.nan)
    n = np.zeros(classes.size, dtype=np.int64)
    for row, code in enumerate(classes):
        inside = counted & (cover == code)
        n[row] = inside.sum()
        total = weights.values[inside].sum()
        if total > 0.0:
            areas = [weights.values[inside & (best.values == k)].sum() for k in range(len(names))]
            share[row] = np.array(areas) / total
    coords: dict[str, object] = {
        "land_cover": classes,
        "product": np.array(names, dtype=object),
    }
    if "flag_values" in land_cover.attrs and "flag_meanings" in land_cover.attrs:
        meanings = dict(
            zip(
                np.atleast_1d(land_cover.attrs["flag_values"]).tolist(),
                str(land_cover.attrs["flag_meanings"]).split(),
            )
        )
        labels = [meanings.get(code, str(code)) for code in classes.tolist()]
        coords["land_cover_name"] = ("land_cover", np.array(labels, dtype=object))
    return xr.Dataset(
        {"share": (("land_cover", "product"), share), "n": ("land_cover", n)}, coords=coords
    )
