"""Coordinates, units and descriptions of a collocation result (CF attributes)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from local_core.collocation.bootstrap import BootstrapPlan
from local_core.collocation.product_stack import ProductStack
from local_core.collocation.status import STATUS_NAME, CollocationStatus
from local_core.status_flags import flag_attributes

__all__ = ["describe_collocation"]

# name -> (long name, unit: "1", "dB", "own", "reference", or a power of one of the last two)
_VARIABLES = {
    "error_var": ("random error variance, signed, in the units of the reference", "reference^2"),
    "error_std": ("random error standard deviation in the units of the reference", "reference"),
    "error_var_own": ("random error variance, signed, in the product's own units", "own^2"),
    "error_std_own": ("random error standard deviation in the product's own units", "own"),
    "signal_var": ("variance of the truth as the product sees it", "own^2"),
    "beta": ("factor that brings the product to the dynamic range of the reference", "gain"),
    "r": ("correlation with the unknown truth", "1"),
    "fmse": ("share of the error in the variance", "1"),
    "snr_db": ("signal-to-noise ratio", "dB"),
    "relative_uncertainty": ("error standard deviation over the mean", "1"),
    "error_covariance": ("error covariance between products", "own*own"),
    "error_correlation": ("error correlation between products", "1"),
    "mean": ("mean of the joint samples", "own"),
    "variance": ("variance of the joint samples", "own^2"),
    "n": ("number of joint samples used", "1"),
    "n_rejected": ("number of joint samples rejected by the sigma test", "1"),
}


def describe_collocation(
    result: xr.Dataset,
    stack: ProductStack,
    reference: int | None,
    settings: Mapping[str, object],
    plan: BootstrapPlan | None,
) -> xr.Dataset:
    """Give a result its product names, units, flag meanings and a record of how it was made.

    Parameters
    ----------
    result : xarray.Dataset
        As :meth:`ProductStack.apply` returned it.
    stack : ProductStack
    reference : int or None
        Position of the reference; None where all products are taken to be in one unit.
    settings : mapping
        Becomes global attributes.
    plan : BootstrapPlan or None

    Returns
    -------
    xarray.Dataset
    """
    coords: dict[str, object] = {"product": ("product", np.array(stack.names, dtype=object))}
    if "product_b" in result.dims:
        coords["product_b"] = ("product_b", np.array(stack.names, dtype=object))
    result = result.assign_coords({**stack.grid_coords, **coords})
    reference_units = (
        stack.arrays[reference].attrs.get("units") if reference is not None else stack.units
    )
    for name, array in result.data_vars.items():
        base = str(name).removesuffix("_ci_lower").removesuffix("_ci_upper")
        if base == "status":
            array.attrs.update(flag_attributes(CollocationStatus, STATUS_NAME))
            continue
        description, kind = _VARIABLES[base]
        if base != name:
            bound = "lower" if str(name).endswith("lower") else "upper"
            level = f"{100 * plan.confidence:g} %" if plan is not None else ""
            description = f"{bound} {level} confidence bound of the {description}"
        array.attrs["long_name"] = description
        units = _units(kind, stack.units, reference_units)
        if units is not None:
            array.attrs["units"] = units
        if base not in ("n", "n_rejected"):
            array.attrs["ancillary_variables"] = "status"
    result.attrs["Conventions"] = "CF-1.11"
    if reference is not None:
        result.attrs["reference"] = stack.names[reference]
    result.attrs.update({key: value for key, value in settings.items() if value is not None})
    if plan is not None:
        result.attrs.update(
            bootstrap_replicates=plan.n_replicates,
            bootstrap_block_length=plan.block_length,
            bootstrap_seed=plan.seed,
            confidence=plan.confidence,
        )
    return result


def _units(kind: str, own: str | None, reference: str | None) -> str | None:
    """Units of a variable, or None where the products have none or differ."""
    if kind in ("1", "dB"):
        return kind
    if kind == "gain":
        return "1" if own is not None else None
    base = reference if kind.startswith("reference") else own
    if base is None:
        return None
    squared = kind.endswith("^2") or kind == "own*own"
    return f"({base})2" if squared else base
