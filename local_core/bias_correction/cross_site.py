"""Cross-site correction: each site corrected by the other sites of its vegetation type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from sklearn.base import clone

from local_core.bias_correction.correction_run import (
    CorrectionRun,
    Role,
    finish,
    in_order_of,
    paired,
)
from local_core.bias_correction.corrector import BiasCorrector
from local_core.bias_correction.single_site import corrected_with_band


def cross_site_correction(
    corrector: BiasCorrector,
    reanalysis: xr.DataArray,
    in_situ: xr.DataArray,
    *,
    vegetation_type: Sequence[str] | xr.DataArray,
    leave_out: Sequence[str] = (),
    frozen_model: xr.DataArray | None = None,
    frozen_soil: xr.DataArray | None = None,
    confidence: float | None = None,
) -> CorrectionRun:
    """Correct each site by the others of its type: Chang et al. (2022), section III-B.

    Parameters
    ----------
    corrector : BiasCorrector
        Method and settings; fitted once a site, pooled over the other sites.
    reanalysis, in_situ : DataArray (station, layer, time)
        Daily soil moisture [m3 m-3].
    vegetation_type : sequence of str or DataArray (station,)
        Type of each station of ``in_situ``; "" for none.
    leave_out : sequence of str, optional
        Stations that are corrected but never used for others, as the paper does with QT01 and
        QT05, whose records disagree with their type.
    frozen_model, frozen_soil, confidence : optional
        As in :func:`~local_core.bias_correction.single_site.single_site_correction`.

    Returns
    -------
    CorrectionRun
        All days of a site are validation: none was fitted.

    Raises
    ------
    ValueError
        If no type has two sites, or a station to leave out does not exist.

    Notes
    -----
    The paper does not say how sites are combined. Here they share the seasonal amplitudes and the
    trend, each has its own level while these are fitted, and the corrected site gets the mean of
    the levels.
    """
    given = np.asarray(vegetation_type, dtype=str)
    if given.shape != (in_situ.sizes["station"],):
        raise ValueError(
            f"{given.size} vegetation types for {in_situ.sizes['station']} stations of in_situ"
        )
    type_of = dict(zip((str(name) for name in in_situ["station"].values), given))
    unknown = sorted(set(leave_out) - set(type_of))
    if unknown:
        raise ValueError(f"no station {', '.join(unknown)}; there are {', '.join(type_of)}")
    dataset = paired(reanalysis, in_situ, frozen_soil)
    frozen_model = in_order_of(dataset, frozen_model)
    stations = [str(name) for name in dataset["station"].values]
    others = {
        name: [
            other
            for other in stations
            if other != name and type_of[other] == type_of[name] != "" and other not in leave_out
        ]
        for name in stations
    }
    if not any(others.values()):
        raise ValueError(
            "no station has another one of its vegetation type ("
            + ", ".join(f"{name}: {type_of[name] or 'none'}" for name in stations)
            + "); give the types (vegetation_type in the table of sites), or correct single sites"
        )
    role = xr.zeros_like(dataset["in_situ"], dtype=np.int8)
    pieces, parameters, notes = [], [], []
    for name in stations:
        here = dataset["initial"].sel(station=[name])
        state = None if frozen_model is None else frozen_model.sel(station=[name])
        if not others[name]:
            notes.append("no other site of its vegetation type")
            pieces.append(xr.full_like(here, np.nan).to_dataset(name="corrected"))
            continue
        notes.append("")
        fitted = clone(corrector).fit(
            dataset["initial"].sel(station=others[name]),
            dataset["in_situ"].sel(station=others[name]),
            frozen=None if frozen_model is None else frozen_model.sel(station=others[name]),
            pool="station",
        )
        role.loc[{"station": name}] = Role.VALIDATION
        pieces.append(corrected_with_band(fitted, here, state, confidence))
        parameters.append(fitted.parameter_dataset().expand_dims(station=[name]))
    return CorrectionRun(
        mode="cross-site",
        dataset=finish(
            dataset,
            xr.concat(pieces, "station", coords="minimal", compat="override"),
            role,
            notes,
            [", ".join(other.rsplit("/", 1)[-1] for other in others[name]) for name in stations],
        ),
        parameters=xr.concat(parameters, "station", combine_attrs="override"),
        corrector=clone(corrector),
    )
