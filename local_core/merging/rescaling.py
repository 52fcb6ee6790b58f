"""Bring products to one dynamic range and one mean before they are averaged.

``tc``
    The gain of triple (or extended) collocation, which is that of the *signal*: the right one for
    products with an additive random error, ``x' = beta (x - mean) + mean_ref``.
``mean_std``
    Equal standard deviations. Always available, but a noisy product is shrunk: part of what is
    matched is its error.
``none``
    Products as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from local_core.collocation.product_stack import ArrayLike, stack_products
from local_core.collocation.triple_collocation import triple_collocation

__all__ = ["RESCALINGS", "mean_std_gain", "rescale_products"]

RESCALINGS = ("tc", "mean_std", "none")


def mean_std_gain(variance: np.ndarray, reference: int) -> np.ndarray:
    """Ratio of the reference's standard deviation to each product's.

    Parameters
    ----------
    variance : numpy.ndarray, shape (N, ...)
        Variances of the products over joint samples.
    reference : int

    Returns
    -------
    numpy.ndarray, shape (N, ...)
        NaN where a product is constant.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.sqrt(variance[reference] / variance)
    return np.where(np.isfinite(gain), gain, np.nan)


def rescale_products(
    products: Sequence[ArrayLike] | Mapping[str, ArrayLike] | xr.Dataset,
    *,
    method: str = "mean_std",
    reference: int | str = 0,
    dim: str = "time",
    names: Sequence[str] | None = None,
) -> dict[str, xr.DataArray]:
    """Products in the space of one of them.

    Parameters
    ----------
    products : sequence, mapping or xarray.Dataset
        As for :func:`~local_core.collocation.triple_collocation`.
    method : {"mean_std", "tc", "none"}, default "mean_std"
        ``tc`` needs exactly three products.
    reference : int or str, default 0
    dim : str, default "time"
    names : sequence of str, optional

    Returns
    -------
    dict of str to xarray.DataArray
        In the units of the reference; means and gains are taken over the days all products have,
        and applied to every day of each.

    Raises
    ------
    ValueError
        If the method is unknown or does not fit the number of products.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.1, 0.2, 0.3])
    >>> scaled = rescale_products({"a": x, "b": 100 * x}, method="mean_std")
    >>> scaled["b"].values.round(3).tolist()
    [0.1, 0.2, 0.3]
    """
    if method not in RESCALINGS:
        raise ValueError(f"method must be one of {RESCALINGS}, got {method!r}")
    stack = stack_products(products, dim=dim, names=names, join="outer")
    arrays = dict(zip(stack.names, stack.arrays))
    if method == "none":
        return arrays
    index = stack.index_of(reference)
    reference_array = stack.arrays[index]
    if method == "tc":
        if len(stack.names) != 3:
            raise ValueError(f"method='tc' needs three products, got {stack.names}")
        found = triple_collocation(*stack.arrays, dim=dim, names=stack.names, reference=index)
        gain = [found.beta.isel(product=i, drop=True) for i in range(3)]
        mean = [found["mean"].isel(product=i, drop=True) for i in range(3)]
    else:
        joint = stack.arrays[0].notnull()
        for array in stack.arrays[1:]:
            joint = joint & array.notnull()
        selected = [array.where(joint) for array in stack.arrays]
        mean = [array.mean(dim) for array in selected]
        std = [array.std(dim) for array in selected]
        gain = [std[index] / s.where(s > 0.0) for s in std]
    scaled = {}
    for position, (name, array) in enumerate(arrays.items()):
        values = array
        if position != index:
            values = gain[position] * (array - mean[position]) + mean[index]
        values = values.transpose(*array.dims).rename(name)
        values.attrs = {**array.attrs}
        if "units" in reference_array.attrs:
            values.attrs["units"] = reference_array.attrs["units"]
        scaled[name] = values
    return scaled
