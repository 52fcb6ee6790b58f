"""Merge soil-moisture products by their error variances (TC-LSTM 2022, eqs. 11-17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from local_core.collocation.joint_moments import joint_moments
from local_core.collocation.product_stack import ArrayLike, ProductStack, stack_products
from local_core.collocation.sigma_test import accept_within_sigma
from local_core.collocation.status import STATUS_NAME, CollocationStatus
from local_core.merging.availability import merge_available
from local_core.merging.fallbacks import Weighting
from local_core.merging.least_squares_weights import blue_weights
from local_core.merging.merged_dataset import describe_merged
from local_core.merging.merger_options import METHODS, error_model
from local_core.merging.time_windows import time_windows
from local_core.status_flags import flag_attributes

__all__ = ["METHODS", "ProductMerger", "merge_products"]

_BESIDE_THE_MERGED = ("standard_error", "source", "weight", "weighting", "product", "window")
Products = Sequence[ArrayLike] | Mapping[str, ArrayLike] | xr.Dataset | xr.DataArray


class ProductMerger(BaseEstimator):
    """Weighted mean of products, with weights from their estimated errors.

    ``fit`` makes one pass over the data for the joint moments; everything else (gains, error
    variances, fallbacks, weights) is computed on maps. ``predict`` is lazy for dask-backed input.

    Parameters
    ----------
    method : {"tc", "extended", "tch", "mean"}, default "tc"
        Where the error variances come from: triple collocation (three products), extended
        collocation (three and more), the three-cornered hat (three and more, one common scale), or
        nowhere (equal weights, two and more).
    reference : int or str, default 0
        Product whose space the merged one has: its units, mean and dynamic range.
    rescaling : {"auto", "tc", "mean_std", "none"}, default "auto"
        How products come into that space. ``auto`` is ``tc`` for collocation, ``mean_std`` for the
        hat and ``none`` for the mean. ``method="tc", rescaling="none"`` is the paper to the letter:
        unscaled products, weighted by variances in unlike ranges (see
        :mod:`local_core.merging.least_squares_weights`).
    fallback : str or sequence of str, default ("floor", "two_products", "mean")
        What to do where the variances are unresolved, in this order (see
        :mod:`local_core.merging.fallbacks`); ``"mean"``, the paper's rule, always comes last.
    neighbour_radius : float, default 3
        Cells, for the fallback ``"neighbours"``.
    window : {"season", "month"} or int or None, default None
        Error variances apart for seasons, calendar months or consecutive windows of so many days.
        Gains stay those of the whole record; within a window the variances come from differences.
    error_correlation : mapping, optional
        ``{(product, product): correlation}`` of one pair with a known error correlation, such as
        two land models (method ``tc``). Its common error is taken out of the variances and enters
        the weights.
    correlated : sequence of pairs, optional
        Pairs whose error covariance is to be estimated (method ``extended``).
    min_samples, alpha, outlier_sigma
        As in :func:`~local_core.collocation.triple_collocation`.
    dim : str, default "time"
    engine : {"auto", "numba", "numpy"}, default "auto"

    Attributes
    ----------
    weights_ : xarray.DataArray
        Weights of days with all products, over ``window``, ``product`` and the grid.
    error_covariance_ : xarray.DataArray
        In the common space, over ``window``, ``product``, ``product_b`` and the grid; infinite on
        the diagonal for a product that is left out, NaN where nothing is known.
    gain_, offset_ : xarray.DataArray
        ``common = gain * product + offset``, over ``product`` and the grid.
    weighting_ : xarray.DataArray
        :class:`~local_core.merging.Weighting` over the grid.
    status_ : xarray.DataArray
        :class:`~local_core.collocation.CollocationStatus` over ``product`` and the grid.
    n_ : xarray.DataArray
        Joint samples.
    names_ : list of str
        Names of the products.
    reference_, rescaling_ : str
        Name of the reference, and the rescaling that ``auto`` stood for.
    windows_ : TimeWindows
        The rule that assigns dates to windows.

    Examples
    --------
    >>> from local_core.synthetic.products import simulate_products
    >>> sample = simulate_products(error_std=(0.02, 0.03, 0.04), gain=(1, 1, 1), seed=0)
    >>> merger = ProductMerger().fit(sample.products)
    >>> merger.weights_.sel(window="whole").values.round(1).tolist()
    [0.6, 0.3, 0.1]
    >>> sorted(merger.predict(sample.products).data_vars)
    ['soil_moisture', 'source', 'standard_error', 'weight', 'weighting']
    """

    def __init__(
        self,
        *,
        method: str = "tc",
        reference: int | str = 0,
        rescaling: str = "auto",
        fallback: str | Sequence[str] = ("floor", "two_products", "mean"),
        neighbour_radius: float = 3.0,
        window: str | int | None = None,
        error_correlation: Mapping[tuple[int | str, int | str], float] | None = None,
        correlated: Sequence[tuple[int | str, int | str]] = (),
        min_samples: int = 30,
        alpha: float = 0.05,
        outlier_sigma: float | None = None,
        dim: str = "time",
        engine: str = "auto",
    ) -> None:
        self.method = method
        self.reference = reference
        self.rescaling = rescaling
        self.fallback = fallback
        self.neighbour_radius = neighbour_radius
        self.window = window
        self.error_correlation = error_correlation
        self.correlated = correlated
        self.min_samples = min_samples
        self.alpha = alpha
        self.outlier_sigma = outlier_sigma
        self.dim = dim
        self.engine = engine

    def fit(self, products: Products, y: None = None) -> ProductMerger:
        """Estimate gains, error variances and weights.

        Parameters
        ----------
        products : sequence, mapping, xarray.Dataset or DataArray over ``product``
            As for :func:`~local_core.collocation.triple_collocation`.
        y : None
            Ignored; there is no truth.

        Returns
        -------
        ProductMerger

        Raises
        ------
        ValueError
            If options or the number of products do not fit.
        """
        stack = stack_products(products, dim=self.dim)
        model = error_model(stack, **self.get_params(deep=False))
        time = stack.arrays[0].coords.get(self.dim)
        windows = time_windows(self.window, time, stack.n_times)
        n_products, n_windows = len(stack.names), len(windows.labels)
        moments = self._moments(
            stack, windows.index_of(time, stack.n_times), n_windows, model.reference
        )
        grid_dims = [str(d) for d in stack.arrays[0].dims if d != self.dim]
        shape = tuple(stack.arrays[0].sizes[d] for d in grid_dims)
        n = moments["n"].values.reshape(-1)
        mean = moments["mean"].values.reshape(n_products, -1)
        cov = moments["cov"].values.reshape(n_products, n_products, -1)

        gain = model.gain(cov, n)
        offset = np.zeros_like(gain)
        if model.rescaling != "none":
            known = n >= self.min_samples
            offset[:, known] = (mean[model.reference] - gain * mean)[:, known]
        common = gain[:, None] * gain[None, :] * cov
        error, status = model.errors(common, n)
        error, weighting = model.resolve(error, status, common, n, shape)
        errors = [error]
        if n_windows > 1:
            window_n = moments["window_n"].values.reshape(n_windows, -1)
            window_cov = moments["window_cov"].values.reshape(n_windows, *cov.shape)
            window_cov = gain[:, None] * gain[None, :] * window_cov
            errors = [
                model.refine(error, weighting, window_cov[w], window_n[w]) for w in range(n_windows)
            ]

        names = np.array(stack.names, dtype=object)
        labels = {"window": windows.labels, "product": names, "product_b": names}

        def labelled(values: np.ndarray, *front: str) -> xr.DataArray:
            coords = {**stack.grid_coords, **{name: labels[name] for name in front}}
            values = values.reshape((*values.shape[: len(front)], *shape))
            return xr.DataArray(values, dims=(*front, *grid_dims), coords=coords)

        self.names_ = stack.names
        self.reference_ = stack.names[model.reference]
        self.rescaling_ = model.rescaling
        self.windows_ = windows
        self.units_ = stack.arrays[model.reference].attrs.get("units")
        self.n_ = labelled(n)
        self.gain_ = labelled(gain, "product")
        self.offset_ = labelled(offset, "product")
        self.status_ = labelled(status, "product").assign_attrs(
            flag_attributes(CollocationStatus, STATUS_NAME)
        )
        self.error_covariance_ = labelled(np.stack(errors), "window", "product", "product_b")
        weights = np.stack([blue_weights(_weighable(matrix)) for matrix in errors])
        self.weights_ = labelled(weights, "window", "product").assign_attrs(
            long_name="weight of the product on days with all products", units="1"
        )
        self.weighting_ = labelled(weighting).assign_attrs(
            flag_attributes(Weighting, "where the merging weights come from")
        )
        return self

    def predict(self, products: Products, *, name: str = "soil_moisture") -> xr.Dataset:
        """Merge products with the fitted weights.

        Parameters
        ----------
        products : sequence, mapping, xarray.Dataset or DataArray over ``product``
            The products of ``fit``, in the same order, of any dates.
        name : str, default "soil_moisture"
            Name of the merged variable.

        Returns
        -------
        xarray.Dataset
            The merged variable and ``standard_error`` (random error, in the units of the reference;
            NaN where no error is known), with the dimensions of the first product; ``source``, a
            bit mask of the products a value is made of; and ``weight`` and ``weighting`` of
            ``fit``. Dates that only some of the products have are kept.

        Raises
        ------
        ValueError
            If the products are not those of ``fit``, or ``name`` is that of another variable.
        """
        check_is_fitted(self, "weights_")
        stack = stack_products(products, dim=self.dim, join="outer")
        taken = {*_BESIDE_THE_MERGED, *stack.dims, *map(str, stack.grid_coords)}
        if name in taken:
            raise ValueError(f"name {name!r} is taken in the result; taken are {sorted(taken)}")
        if len(stack.names) != len(self.names_):
            raise ValueError(
                f"fitted on {len(self.names_)} products {self.names_}, got {stack.names}"
            )
        time = stack.arrays[0].coords.get(self.dim)
        window_index = self.windows_.index_of(time, stack.n_times)

        def kernel(*arguments: np.ndarray) -> dict[str, np.ndarray]:
            *arrays, gain, offset, errors = arguments
            matrices = np.moveaxis(errors, 0, -1)
            unknown = np.isnan(matrices).any(axis=(1, 2))
            weighable = np.stack([_weighable(matrix) for matrix in matrices])
            merged, error_var, source = merge_available(
                arrays, gain.T, offset.T, weighable, window_index
            )
            if unknown.any():
                error_var[unknown.T[:, window_index]] = np.nan
            return {name: merged.T, "standard_error": np.sqrt(error_var).T, "source": source.T}

        outputs: dict[str, tuple[tuple[str, ...], type]] = {
            name: ((self.dim,), np.float64),
            "standard_error": ((self.dim,), np.float64),
            "source": ((self.dim,), np.uint8),
        }
        maps = (self.gain_, self.offset_, self.error_covariance_)
        result = stack.apply(
            kernel,
            outputs,
            {self.dim: stack.n_times},
            extra=[array.drop_vars(list(array.coords)) for array in maps],
        )
        result = result.transpose(*stack.dims).assign_coords(stack.grid_coords)
        if time is not None:
            result = result.assign_coords({self.dim: time})
        result["weight"] = self.weights_
        result["weighting"] = self.weighting_
        return describe_merged(
            result,
            name,
            names=self.names_,
            reference=self.reference_,
            method=self.method,
            rescaling=self.rescaling_,
            units=self.units_,
        )

    def fit_predict(self, products: Products, *, name: str = "soil_moisture") -> xr.Dataset:
        """Fit on products and merge the same ones.

        Parameters
        ----------
        products : sequence, mapping, xarray.Dataset or DataArray over ``product``
        name : str, default "soil_moisture"

        Returns
        -------
        xarray.Dataset
            As of :meth:`predict`.
        """
        return self.fit(products).predict(products, name=name)

    def _moments(
        self, stack: ProductStack, window_index: np.ndarray, n_windows: int, reference: int
    ) -> xr.Dataset:
        """Joint moments of the record and of each window, computed."""
        n_products = len(stack.names)

        def kernel(*arrays: np.ndarray) -> dict[str, np.ndarray]:
            accepted = None
            if self.outlier_sigma is not None:
                accepted, _ = accept_within_sigma(
                    arrays, self.outlier_sigma, reference=reference, engine=self.engine
                )
            whole = joint_moments(arrays, accepted=accepted, engine=self.engine)
            found = {"n": whole.n, "mean": whole.mean, "cov": whole.cov}
            if n_windows > 1:
                parts = []
                for window in range(n_windows):
                    days = np.flatnonzero(window_index == window)
                    part = None if accepted is None else accepted[:, days]
                    selected = [array[:, days] for array in arrays]
                    parts.append(joint_moments(selected, accepted=part, engine=self.engine))
                found["window_n"] = np.stack([part.n for part in parts])
                found["window_cov"] = np.stack([part.cov for part in parts])
            return found

        outputs: dict[str, tuple[tuple[str, ...], type]] = {
            "n": ((), np.int64),
            "mean": (("product",), np.float64),
            "cov": (("product", "product_b"), np.float64),
        }
        if n_windows > 1:
            outputs["window_n"] = (("window",), np.int64)
            outputs["window_cov"] = (("window", "product", "product_b"), np.float64)
        sizes = {"product": n_products, "product_b": n_products, "window": n_windows}
        return stack.apply(kernel, outputs, sizes).compute()


def merge_products(
    products: Products, *, name: str = "soil_moisture", **options: object
) -> xr.Dataset:
    """Merge products by their estimated errors: :class:`ProductMerger` in one call.

    Parameters
    ----------
    products : sequence, mapping, xarray.Dataset or DataArray over ``product``
    name : str, default "soil_moisture"
        Name of the merged variable.
    **options
        Parameters of :class:`ProductMerger`.

    Returns
    -------
    xarray.Dataset
        As of :meth:`ProductMerger.predict`.

    Examples
    --------
    >>> from local_core.synthetic.products import simulate_products
    >>> merged = merge_products(simulate_products(seed=0).products, window="season")
    >>> merged.sizes["window"]
    4
    """
    return ProductMerger(**options).fit_predict(products, name=name)


def _weighable(matrix: np.ndarray) -> np.ndarray:
    """Error covariances that give weights everywhere: equal ones where nothing is known."""
    unknown = np.isnan(matrix).any(axis=(0, 1))
    identity = np.eye(matrix.shape[0])[:, :, None]
    return np.where(unknown, identity, matrix)
