"""One use of a correction on a network: what came out, and where it may be judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import xarray as xr

from local_core.bias_correction.corrector import BiasCorrector
from local_core.status_flags import flag_attributes


class Role(IntEnum):
    """What a day was used for."""

    UNUSED = 0
    FITTED = 1
    VALIDATION = 2


@dataclass(frozen=True, kw_only=True)
class CorrectionRun:
    """A corrected network.

    Parameters
    ----------
    mode : {"single-site", "cross-site"}
    dataset : Dataset (station, layer, time)
        ``in_situ``, ``initial``, ``corrected`` [m3 m-3], ``role`` of each day, ``frozen`` where
        known, ``lower`` and ``upper`` where the method has a band; by station ``note`` (why it was
        left out, "" otherwise) and ``fit_sites``.
    parameters : Dataset (station, layer)
        What was fitted for each station.
    corrector : BiasCorrector
        The method and its settings (not fitted).
    """

    mode: str
    dataset: xr.Dataset
    parameters: xr.Dataset
    corrector: BiasCorrector

    @property
    def validation(self) -> xr.Dataset:
        """In situ, initial and corrected on validation days only."""
        names = ["in_situ", "initial", "corrected"]
        return self.dataset[names].where(self.dataset["role"] == Role.VALIDATION)


def paired(
    reanalysis: xr.DataArray, in_situ: xr.DataArray, frozen_soil: xr.DataArray | None
) -> xr.Dataset:
    """Bring in situ to the days of the reanalysis, station by station and layer by layer.

    Raises
    ------
    ValueError
        If the two have no station, layer or day in common.
    """
    for name, given in (("reanalysis", reanalysis), ("in_situ", in_situ)):
        lacking = {"station", "layer", "time"} - set(given.dims)
        if lacking:
            raise ValueError(
                f"{name} has dimensions {given.dims}; expected station, layer and time"
            )
    for dim in ("station", "layer"):
        common = np.intersect1d(reanalysis[dim], in_situ[dim])
        if common.size == 0:
            raise ValueError(
                f"reanalysis and in_situ have no {dim} in common: "
                f"{', '.join(map(str, reanalysis[dim].values))} and "
                f"{', '.join(map(str, in_situ[dim].values))}"
            )
        keep = [value for value in in_situ[dim].values if value in common]
        reanalysis, in_situ = reanalysis.sel({dim: keep}), in_situ.sel({dim: keep})
    if not np.isin(reanalysis["time"], in_situ["time"]).any():
        raise ValueError("reanalysis and in_situ have no day in common")
    order = ("station", "layer", "time")
    extra = set(reanalysis.coords) - set(order)
    if "vegetation_type" not in in_situ.coords:
        extra -= {"vegetation_type"}
    dataset = xr.Dataset(
        {
            "in_situ": in_situ.reindex(time=reanalysis["time"]).transpose(*order).astype(float),
            "initial": reanalysis.drop_vars(extra).transpose(*order).astype(float),
        }
    )
    if frozen_soil is not None:
        state = frozen_soil.reindex_like(dataset["initial"], fill_value=-1)
        dataset["frozen"] = state.transpose(*order).astype(np.int8)
        dataset["frozen"].attrs = frozen_soil.attrs
    for name in ("in_situ", "initial"):
        dataset[name].attrs["units"] = "m3 m-3"
    dataset["in_situ"].attrs["long_name"] = "in-situ soil moisture"
    dataset["initial"].attrs["long_name"] = "reanalysis soil moisture before correction"
    return dataset


def in_order_of(dataset: xr.Dataset, frozen_model: xr.DataArray | None) -> xr.DataArray | None:
    """Bring the state by the reanalysis to the stations and layers of a pair, in their order."""
    if frozen_model is None:
        return None
    return frozen_model.sel(station=dataset["station"].values, layer=dataset["layer"].values)


def finish(
    dataset: xr.Dataset,
    corrected: xr.Dataset,
    role: xr.DataArray,
    note: list[str],
    fit_sites: list[str],
) -> xr.Dataset:
    """Put the results of a run into one Dataset with CF attributes."""
    result = dataset.assign(
        {
            name: values.transpose("station", "layer", "time").assign_attrs(units="m3 m-3")
            for name, values in corrected.items()
        }
    )
    result["corrected"].attrs["long_name"] = "reanalysis soil moisture after correction"
    result["role"] = role.transpose("station", "layer", "time").astype(np.int8)
    result["role"].attrs = flag_attributes(Role, "use of the day")
    result["note"] = ("station", np.array(note, dtype=str))
    result["fit_sites"] = ("station", np.array(fit_sites, dtype=str))
    result["fit_sites"].attrs["long_name"] = "sites the correction was fitted on"
    return result
