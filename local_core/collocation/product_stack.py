"""Bring products given as arrays or DataArrays to one form, and apply a kernel along time.

The kernels of this package work on ``N`` numpy arrays of shape ``(pixels, time)``. Everything that
is not numerics happens here once: names, alignment of dates, the check that grids agree, dask.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from local_core.masked_values import unmasked

__all__ = ["ProductStack", "stack_products"]

_RESULT_DIMS = ("product", "product_b")
ArrayLike = np.ndarray | xr.DataArray | pd.Series


@dataclass(frozen=True)
class ProductStack:
    """Products on one grid and one time axis.

    Attributes
    ----------
    arrays : list of xarray.DataArray
        One per product, same dimensions and coordinates.
    names : list of str
        Names of the products, unique.
    dim : str
        The time dimension, last in every array.
    dims : tuple of str
        Dimensions in the order in which the first product was given.
    """

    arrays: list[xr.DataArray]
    names: list[str]
    dim: str
    dims: tuple[str, ...]

    @property
    def units(self) -> str | None:
        """Units shared by all products, or None."""
        units = {array.attrs.get("units") for array in self.arrays}
        return units.pop() if len(units) == 1 else None

    @property
    def grid_coords(self) -> dict[str, xr.DataArray]:
        """Coordinates of the grid: those without time, scalars only where all products agree."""
        first = self.arrays[0].coords
        return {
            str(name): coordinate
            for name, coordinate in first.items()
            if self.dim not in coordinate.dims
            and (
                coordinate.ndim > 0
                or all(
                    name in array.coords and coordinate.equals(array.coords[name])
                    for array in self.arrays[1:]
                )
            )
        }

    @property
    def n_times(self) -> int:
        """Length of the time dimension."""
        return self.arrays[0].sizes[self.dim]

    def index_of(self, product: int | str) -> int:
        """Position of a product given by position (negative counts from the end) or by name.

        Raises
        ------
        ValueError
            If there is no such product.
        """
        if isinstance(product, str):
            if product not in self.names:
                raise ValueError(f"no product {product!r}; the products are {self.names}")
            return self.names.index(product)
        if not -len(self.names) <= product < len(self.names):
            raise ValueError(
                f"product {product} is out of range for {len(self.names)} products {self.names}"
            )
        return int(product) % len(self.names)

    def apply(
        self,
        kernel: Callable[..., Mapping[str, np.ndarray]],
        outputs: Mapping[str, tuple[tuple[str, ...], type]],
        sizes: Mapping[str, int],
        *,
        extra: Sequence[xr.DataArray] = (),
    ) -> xr.Dataset:
        """Run a kernel over every series and collect its outputs in a Dataset.

        Parameters
        ----------
        kernel : callable
            Called with the products as arrays ``(pixels, time)`` (then the arrays of ``extra`` as
            ``(pixels, ...)``); returns a mapping of arrays whose last axis is ``pixels``.
        outputs : mapping
            Name -> (dimensions in front of the pixel axis, dtype).
        sizes : mapping
            Length of the dimensions that ``outputs`` adds.
        extra : sequence of xarray.DataArray
            Further arguments; dimensions they have beyond those of the products are core ones.

        Returns
        -------
        xarray.Dataset
            Lazy where the input is dask-backed. Chunks along time are joined, all others kept.
        """
        products = [_single_time_chunk(array, self.dim) for array in self.arrays]
        n_products = len(products)
        names = list(outputs)
        added = {d for front, _ in outputs.values() for d in front}
        extra_core = [[d for d in array.dims if d not in self.arrays[0].dims] for array in extra]

        def on_block(*arguments: np.ndarray) -> tuple[np.ndarray, ...]:
            loop_shape = np.broadcast_shapes(
                *(a.shape[:-1] for a in arguments[:n_products]),
                *(
                    a.shape[: a.ndim - len(core)]
                    for a, core in zip(arguments[n_products:], extra_core)
                ),
            )
            # Not -1, which numpy cannot work out where there are no dates.
            n_series = math.prod(loop_shape)
            flat = [
                np.broadcast_to(a, (*loop_shape, a.shape[-1])).reshape(n_series, a.shape[-1])
                for a in arguments[:n_products]
            ]
            for array, core in zip(arguments[n_products:], extra_core):
                tail = array.shape[array.ndim - len(core) :]
                flat.append(np.broadcast_to(array, (*loop_shape, *tail)).reshape(n_series, *tail))
            results = kernel(*flat)
            shaped = []
            for name in names:
                values = np.moveaxis(results[name], -1, 0)
                values = values.reshape((*loop_shape, *values.shape[1:]))
                shaped.append(values.astype(outputs[name][1], copy=False))
            return tuple(shaped)

        results = xr.apply_ufunc(
            on_block,
            *products,
            *extra,
            input_core_dims=[[self.dim]] * n_products + extra_core,
            output_core_dims=[list(outputs[name][0]) for name in names],
            dask="parallelized",
            output_dtypes=[outputs[name][1] for name in names],
            dask_gufunc_kwargs={"output_sizes": {d: s for d, s in sizes.items() if d in added}},
            keep_attrs=False,
        )
        if len(names) == 1:
            results = (results,)
        leading = {
            name: [*outputs[name][0], *(d for d in result.dims if d not in outputs[name][0])]
            for name, result in zip(names, results)
        }
        return xr.Dataset(
            {
                name: result.transpose(*leading[name]).rename(name)
                for name, result in zip(names, results)
            }
        )


def stack_products(
    products: Sequence[ArrayLike] | Mapping[str, ArrayLike] | xr.Dataset | xr.DataArray,
    *,
    dim: str = "time",
    names: Sequence[str] | None = None,
    join: str = "inner",
    at_least: int = 2,
) -> ProductStack:
    """Align products and give them names.

    Parameters
    ----------
    products : sequence of arrays or DataArrays, mapping of name to array, Dataset, or DataArray
        One DataArray has its products along ``product``. Plain arrays have time last, DataArrays
        have ``dim`` anywhere, pandas Series have dates as their index (UTC unless it has a zone).
        Masked values are gaps. The result is in order of time.
    dim : str, default "time"
        The time dimension.
    names : sequence of str, optional
        Names; by default those of the mapping or of the DataArrays, else ``product_0`` and so on.
    join : {"inner", "outer"}, default "inner"
        Dates that not all products have are dropped (``inner``) or kept as gaps (``outer``).
    at_least : int, default 2
        Fewest products the caller can work with.

    Returns
    -------
    ProductStack

    Raises
    ------
    ValueError
        If there are too few products, names do not fit, a product lacks ``dim``, the grids of the
        products differ, or they have no date in common.
    """
    given: list[Any]
    if isinstance(products, xr.DataArray):
        if "product" not in products.dims:
            raise ValueError(
                "one DataArray of several products must have a dimension 'product', "
                f"got {tuple(products.dims)}"
            )
        given = [products.isel(product=k) for k in range(products.sizes["product"])]
    elif isinstance(products, xr.Dataset):
        names = names if names is not None else [str(name) for name in products.data_vars]
        given = [products[name] for name in products.data_vars]
    elif isinstance(products, Mapping):
        names = names if names is not None else [str(name) for name in products]
        given = list(products.values())
    else:
        given = list(products)
    if len(given) < at_least:
        raise ValueError(f"at least {at_least} products are needed, got {len(given)}")

    arrays = [_as_dataarray(array, dim, position) for position, array in enumerate(given)]
    names = _unique_names(arrays, names)
    # A slice of an array over products carries its label, which would collide with the result's.
    arrays = [array.drop_vars(_RESULT_DIMS, errors="ignore") for array in arrays]
    grid_dims = set(arrays[0].dims) - {dim}
    for array, name in zip(arrays, names):
        if set(array.dims) - {dim} != grid_dims:
            raise ValueError(
                f"product {name!r} has dimensions {tuple(array.dims)} but {names[0]!r} has "
                f"{tuple(arrays[0].dims)}: bring all products to one grid first"
            )
        for grid_dim in grid_dims:
            if array.sizes[grid_dim] != arrays[0].sizes[grid_dim]:
                raise ValueError(
                    f"product {name!r} has {array.sizes[grid_dim]} cells along {grid_dim!r} but "
                    f"{names[0]!r} has {arrays[0].sizes[grid_dim]}: resample to one grid first"
                )
    arrays = [
        _with_coordinates_of(arrays[0], array, name, sorted(map(str, grid_dims)))
        for array, name in zip(arrays, names)
    ]
    with_dates = [dim in array.coords for array in arrays]
    if not all(with_dates):
        lengths = {array.sizes[dim] for array in arrays}
        if any(with_dates) or len(lengths) > 1:
            raise ValueError(
                f"products without a {dim!r} coordinate can only be combined when none has one "
                f"and all have one length, got lengths {[array.sizes[dim] for array in arrays]}"
            )
    for array, name in zip(arrays, names):
        if dim in array.coords and array.get_index(dim).has_duplicates:
            raise ValueError(f"product {name!r} has repeated values along {dim!r}: average them")
    aligned = list(xr.align(*arrays, join=join, copy=False))
    if aligned[0].sizes[dim] == 0 and all(array.sizes[dim] for array in arrays):
        spans = ", ".join(f"{n}: {_span(a, dim)}" for a, n in zip(arrays, names))
        raise ValueError(f"the products have no {dim!r} in common ({spans})")
    if with_dates[0] and not aligned[0].get_index(dim).is_monotonic_increasing:
        # Blocks of the bootstrap and windows of time are taken along the axis as it is.
        aligned = [array.sortby(dim) for array in aligned]
    order = [*(d for d in arrays[0].dims if d != dim), dim]
    return ProductStack(
        [array.transpose(*order) for array in aligned], names, dim, tuple(map(str, arrays[0].dims))
    )


def _span(array: xr.DataArray, dim: str) -> str:
    """First and last date, for messages."""
    index = array.get_index(dim)
    return f"{index.min()} to {index.max()}"


def _as_dataarray(array: Any, dim: str, position: int) -> xr.DataArray:
    """Wrap a plain array with time last, check a DataArray, and make integers floating."""
    if isinstance(array, pd.Series):
        # Its index holds the dates; as a bare array it would be aligned by position.
        dates = array.index
        if isinstance(dates, pd.DatetimeIndex) and dates.tz is not None:
            dates = dates.tz_convert("UTC").tz_localize(None)
        array = xr.DataArray(
            array.to_numpy(), dims=[dim], coords={dim: dates.to_numpy()}, name=array.name
        )
    if not isinstance(array, xr.DataArray):
        values = unmasked(array)
        if values.ndim == 0:
            raise ValueError(f"product {position} is a single number, not a series")
        array = xr.DataArray(values, dims=[*(f"dim_{i}" for i in range(values.ndim - 1)), dim])
    elif dim not in array.dims:
        raise ValueError(
            f"product {array.name or position!r} has dimensions {tuple(array.dims)} "
            f"but not {dim!r}: pass dim="
        )
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise ValueError(
            f"product {array.name or position!r} is of type {array.dtype}, expected numbers"
        )
    return array


def _unique_names(arrays: Sequence[xr.DataArray], names: Sequence[str] | None) -> list[str]:
    """Check given names or make them from the arrays."""
    if names is None:
        numbered = [f"product_{index}" for index in range(len(arrays))]
        for candidates in (
            [array.name for array in arrays if array.name is not None],
            [array.coords["product"].item() for array in arrays if _is_slice(array)],
            numbered,
        ):
            names = [str(name) for name in candidates]
            if len(set(names)) == len(arrays):
                break
    names = [str(name) for name in names]
    if len(names) != len(arrays) or len(set(names)) != len(names):
        raise ValueError(f"names must be {len(arrays)} different strings, got {names}")
    return names


def _is_slice(array: xr.DataArray) -> bool:
    """Whether an array was taken from one over products."""
    return "product" in array.coords and array.coords["product"].ndim == 0


def _with_coordinates_of(
    first: xr.DataArray, array: xr.DataArray, name: str, grid_dims: Sequence[str]
) -> xr.DataArray:
    """Give a product the grid coordinates of the first one, if they are the same to rounding.

    Coordinates of one grid that went through float32 in one file and float64 in the other differ
    in the last digits, and an exact join would return an empty map without a word.
    """
    for grid_dim in grid_dims:
        if grid_dim not in first.coords or grid_dim not in array.coords:
            continue
        mine, theirs = array[grid_dim].values, first[grid_dim].values
        if np.array_equal(mine, theirs):
            continue
        numeric = mine.dtype.kind == "f" and theirs.dtype.kind == "f"
        spacing = np.abs(np.diff(theirs)).min() if numeric and theirs.size > 1 else 1.0
        if not numeric or np.abs(mine - theirs).max() > 1e-3 * spacing:
            raise ValueError(
                f"product {name!r} has other {grid_dim!r} coordinates than the first product: "
                "resample (or reorder) all products to one grid first"
            )
        array = array.assign_coords({grid_dim: first[grid_dim]})
    return array


def _single_time_chunk(array: xr.DataArray, dim: str) -> xr.DataArray:
    """Join the chunks along time; every statistic here needs whole series."""
    return array.chunk({dim: -1}) if array.chunks is not None else array
