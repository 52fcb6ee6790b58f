"""What every bias correction has in common: fit on a reference, predict a corrected series."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.time_axis import days_since
from local_core.status_flags import flag_attributes


class ReanalysisDays(NamedTuple):
    """Days of a reanalysis as a correction sees them; arrays broadcast against each other.

    Attributes
    ----------
    reanalysis : array, shape (..., time)
        Soil moisture [m3 m-3].
    days : array, shape (time,)
        Days since the correction's zero of time.
    frozen : array, shape (..., time)
        1 frozen, 0 thawed, -1 unknown.
    anomaly : array, shape (..., time)
        Departures from the seasonal course [m3 m-3]; zeros where the correction uses none.
    """

    reanalysis: NDArray[np.float64]
    days: NDArray[np.float64]
    frozen: NDArray[np.float64]
    anomaly: NDArray[np.float64]


class BiasCorrector(BaseEstimator):
    """Base of the corrections: labels, pooling and status; the numerics are in the subclasses.

    A subclass gives ``parameter_names``, ``_fit_group`` (one group of series to one vector of
    parameters) and ``predict_values`` (values from days and parameters).

    Attributes
    ----------
    parameters_ : DataArray (..., parameter)
        What was fitted, over the dimensions of the input but time and the pooled one.
    status_ : DataArray of int8 (...)
        Values of :class:`~local_core.bias_correction.fit_status.FitStatus`.
    n_days_ : DataArray of int (...)
        Days with both values.
    """

    #: Short name on the command line and in tables.
    method: ClassVar[str]
    #: Whether the correction needs the state of the soil.
    uses_frozen: bool = False
    #: Whether the correction of a day needs the other days of its series.
    uses_whole_series: bool = False
    #: Fewer common days are not fitted; a setting of every method.
    min_days: int
    #: Zero of time; a setting of the methods whose result depends on it.
    time_origin: str = "2000-01-01"

    parameters_: xr.DataArray
    status_: xr.DataArray
    n_days_: xr.DataArray

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order they are stored."""
        raise NotImplementedError

    def _fit_group(
        self, model: ReanalysisDays, in_situ: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], FitStatus]:
        """Fit one set of parameters to several series, arrays (site, time)."""
        raise NotImplementedError

    def predict_values(
        self, model: ReanalysisDays, parameters: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Correct values element by element with one set of parameters."""
        raise NotImplementedError

    def anomaly_values(
        self, reanalysis: NDArray[np.float64], days: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Departures a correction works on; zeros where it works on none."""
        return np.zeros((1,) * np.ndim(reanalysis))

    def fit(
        self,
        reanalysis: xr.DataArray,
        in_situ: xr.DataArray,
        *,
        frozen: xr.DataArray | None = None,
        pool: str | None = None,
    ) -> BiasCorrector:
        """Fit the correction on days that have both values.

        Parameters
        ----------
        reanalysis, in_situ : DataArray (..., time)
            Daily soil moisture [m3 m-3]; NaN where missing. Only common days enter, so a training
            period is chosen by leaving the other days out of ``in_situ`` or setting them to NaN.
        frozen : DataArray (..., time), optional
            State of the soil (1 frozen, 0 thawed, -1 unknown), from the reanalysis' own soil
            temperature. Needed if the correction has a term for it.
        pool : str, optional
            Dimension whose series get one common set of parameters, such as ``"station"``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the series cannot be paired. A single series that cannot be fitted gets a status.
        """
        for name, given in (("reanalysis", reanalysis), ("in_situ", in_situ)):
            if not isinstance(given, xr.DataArray) or "time" not in given.dims:
                raise ValueError(
                    f"{name} is {type(given).__name__}"
                    + (f" with dimensions {given.dims}" if hasattr(given, "dims") else "")
                    + "; expected a DataArray with a dimension 'time'"
                )
            if "time" in given.indexes and given.indexes["time"].has_duplicates:
                raise ValueError(f"{name} has days that are there twice: average them first")
        if pool is not None and pool not in in_situ.dims:
            raise ValueError(f"cannot pool over {pool!r}: in_situ has dimensions {in_situ.dims}")
        if self.uses_frozen and frozen is None:
            raise ValueError(
                f"{type(self).__name__} has a term for frozen soil; pass frozen=, from "
                "local_core.stations.freeze_thaw(soil_temperature of the reanalysis)"
            )
        state = xr.full_like(reanalysis, 0.0) if frozen is None else frozen.astype(float)
        model, measured, state = xr.align(reanalysis, in_situ, state, join="inner")
        if model.sizes["time"] == 0:
            raise ValueError(
                "reanalysis and in_situ have no day in common "
                f"({_span(reanalysis)} and {_span(in_situ)})"
            )
        model, measured, state = xr.broadcast(model, measured, state)
        days = days_since(model["time"].values, self.time_origin)
        core = ["time"] if pool is None else [pool, "time"]

        def kernel(
            x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
        ) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]:
            return self._fit_array(x, y, z, days, pooled=pool is not None)

        parameters, status, n_days = xr.apply_ufunc(
            kernel,
            model.astype(float),
            measured.astype(float),
            state,
            input_core_dims=[core] * 3,
            output_core_dims=[["parameter"], [], []],
            dask="parallelized",
            output_dtypes=[float, np.int8, np.int64],
            dask_gufunc_kwargs={
                "output_sizes": {"parameter": len(self.parameter_names)},
                "allow_rechunk": True,
            },
            keep_attrs=False,
        )
        self.parameters_ = parameters.assign_coords(parameter=list(self.parameter_names)).compute()
        self.status_ = status.compute().assign_attrs(flag_attributes(FitStatus, "state of the fit"))
        self.n_days_ = n_days.compute().assign_attrs(long_name="days with both values")
        return self

    def _fit_array(
        self,
        reanalysis: NDArray[np.float64],
        in_situ: NDArray[np.float64],
        frozen: NDArray[np.float64],
        days: NDArray[np.float64],
        *,
        pooled: bool,
    ) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]:
        core = reanalysis.shape[-2:] if pooled else (1, reanalysis.shape[-1])
        lead = reanalysis.shape[: reanalysis.ndim - (2 if pooled else 1)]
        groups = [array.reshape(-1, *core) for array in (reanalysis, in_situ, frozen)]
        parameters = np.full((groups[0].shape[0], len(self.parameter_names)), np.nan)
        status = np.full(parameters.shape[0], FitStatus.TOO_FEW_DAYS, dtype=np.int8)
        n_days = np.zeros(parameters.shape[0], dtype=np.int64)
        for index, (x, y, z) in enumerate(zip(*groups)):
            # An infinite value is no measurement; it must not stop the other stations.
            x, y = (np.where(np.isfinite(values), values, np.nan) for values in (x, y))
            n_days[index] = np.isfinite(x + y).sum()
            if n_days[index] < self.min_days:
                continue
            seen = ReanalysisDays(x, days, z, self.anomaly_values(x, days))
            parameters[index], status[index] = self._fit_group(seen, y)
        return parameters.reshape(*lead, -1), status.reshape(lead), n_days.reshape(lead)

    def predict(
        self, reanalysis: xr.DataArray, *, frozen: xr.DataArray | None = None
    ) -> xr.DataArray:
        """Correct a reanalysis.

        Parameters
        ----------
        reanalysis : DataArray (..., time)
            Any period and any further dimensions; those of ``parameters_`` are matched by label.
            Chunked arrays are corrected lazily.
        frozen : DataArray (..., time), optional
            As in :meth:`fit`; unknown counts as thawed.

        Returns
        -------
        DataArray
            Like ``reanalysis``; NaN where it, or the fit, is.

        Raises
        ------
        ValueError
            If the state of the soil is needed and not given.
        """
        if not hasattr(self, "parameters_"):
            raise NotFittedError(f"{type(self).__name__} is not fitted; call fit first")
        if "time" not in reanalysis.dims:
            raise ValueError(f"reanalysis has dimensions {reanalysis.dims}; expected 'time'")
        if self.uses_frozen and frozen is None:
            raise ValueError("this correction was fitted with the state of the soil; pass frozen=")
        state = xr.full_like(reanalysis, 0.0) if frozen is None else frozen == 1
        # Whatever else the state's file says of the stations is not to clash with the reanalysis.
        state = state.reset_coords(drop=True)
        days = days_since(reanalysis["time"].values, self.time_origin)

        def kernel(
            x: NDArray[np.float64], z: NDArray[np.float64], parameters: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            shape = np.broadcast_shapes(x.shape[:-1], z.shape[:-1], parameters.shape[:-1])
            x = np.broadcast_to(x, (*shape, x.shape[-1])).astype(float)
            z = np.broadcast_to(z, (*shape, z.shape[-1])).astype(float)
            sets = np.broadcast_to(parameters, (*shape, parameters.shape[-1]))
            result = np.full(x.shape, np.nan)
            anomaly = np.broadcast_to(self.anomaly_values(x, days), x.shape)
            for index in np.ndindex(shape):
                if np.isfinite(sets[index]).any():
                    seen = ReanalysisDays(x[index], days, z[index], anomaly[index])
                    result[index] = self.predict_values(seen, sets[index])
            return result

        if reanalysis.chunks is not None:
            reanalysis, state = reanalysis.chunk(time=-1), state.chunk(time=-1)
        corrected = xr.apply_ufunc(
            kernel,
            reanalysis,
            state,
            self.parameters_,
            input_core_dims=[["time"], ["time"], ["parameter"]],
            output_core_dims=[["time"]],
            dask="parallelized",
            output_dtypes=[float],
        )
        corrected = corrected.transpose(*reanalysis.dims, ...)
        corrected.attrs = {**reanalysis.attrs, "bias_correction": self.method}
        return corrected.rename(reanalysis.name)

    def parameter_dataset(self) -> xr.Dataset:
        """Return the parameters as named variables, with what is needed to use them again.

        Returns
        -------
        Dataset
            One variable a parameter, ``status``, ``n_days``, and the settings as attributes.
        """
        dataset = self.parameters_.to_dataset("parameter")
        dataset["status"] = self.status_
        dataset["n_days"] = self.n_days_
        dataset.attrs = {"method": self.method} | {
            name: _attribute(value) for name, value in self.get_params().items()
        }
        return dataset


def _span(series: xr.DataArray) -> str:
    if series.sizes["time"] == 0:
        return "no days"
    first, last = series["time"].values[[0, -1]]
    return f"{np.datetime_as_string(first, 'D')} to {np.datetime_as_string(last, 'D')}"


def _attribute(value: Any) -> str | float | int:
    """Write a setting as something NetCDF can hold."""
    plain = isinstance(value, (str, float, int)) and not isinstance(value, bool)
    return value if plain else str(value)
