"""Units and descriptions of a merged product (CF attributes)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

__all__ = ["describe_merged"]


def describe_merged(
    result: xr.Dataset,
    name: str,
    *,
    names: Sequence[str],
    reference: str,
    method: str,
    rescaling: str,
    units: str | None,
) -> xr.Dataset:
    """Say what the variables of a merged product are and how they were made.

    Parameters
    ----------
    result : xarray.Dataset
        The merged variable, ``standard_error`` and ``source``; changed in place.
    name : str
        The merged variable.
    names : sequence of str
        The products.
    reference : str
        Product whose space the merged one has.
    method, rescaling : str
        As in :class:`~local_core.merging.ProductMerger`.
    units : str or None
        Units of the reference.

    Returns
    -------
    xarray.Dataset
        ``result``.
    """
    with_units = {"units": units} if units is not None else {}
    result[name].attrs = {
        "long_name": "merged soil moisture",
        "ancillary_variables": "standard_error source",
        **with_units,
    }
    result["standard_error"].attrs = {
        "long_name": "standard error of the merged soil moisture",
        "comment": "random error only; a bias of the reference is not part of it",
        **with_units,
    }
    result["source"].attrs = {
        "long_name": "products that a value is made of",
        "flag_masks": np.array([1 << k for k in range(len(names))], dtype=np.uint8),
        "flag_meanings": " ".join(label.replace(" ", "_") for label in names),
    }
    result.attrs = {
        "Conventions": "CF-1.11",
        "title": "merged soil moisture",
        "method": f"least-squares merging, errors by {method}",
        "products": ", ".join(names),
        "reference": reference,
        "rescaling": rescaling,
        "references": "TC-LSTM 2022, eqs. 11-17",
    }
    return result
