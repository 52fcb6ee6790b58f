"""Single-site correction: fitted on the first part of a site's record, judged on the rest."""

from __future__ import annotations

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
from local_core.bias_correction.seasonal_corrector import SeasonalCorrector
from local_core.calendar_year import DAYS_PER_YEAR

_DAY = np.timedelta64(1, "D")


def single_site_correction(
    corrector: BiasCorrector,
    reanalysis: xr.DataArray,
    in_situ: xr.DataArray,
    *,
    frozen_model: xr.DataArray | None = None,
    frozen_soil: xr.DataArray | None = None,
    train_share: float = 0.6,
    train_until: str | None = None,
    min_years: float = 3.0,
    confidence: float | None = None,
) -> CorrectionRun:
    """Correct each site by its own past: Chang et al. (2022), section III-B.

    Parameters
    ----------
    corrector : BiasCorrector
        Method and settings; it is cloned, not changed.
    reanalysis, in_situ : DataArray (station, layer, time)
        Daily soil moisture [m3 m-3].
    frozen_model : DataArray (station, layer, time), optional
        State of the soil by the reanalysis' own temperature, for corrections with a term for it.
    frozen_soil : DataArray (station, layer, time), optional
        State of the soil as measured, for judging the freezing period apart.
    train_share : float, optional
        Share of the time from a site's first to its last common day that is fitted.
    train_until : str, optional
        Last day that is fitted, for all sites, instead of the share.
    min_years : float, optional
        Sites whose record is not longer are left out.
    confidence : float, optional
        Share of days in a band, for methods that have one.

    Returns
    -------
    CorrectionRun

    Raises
    ------
    ValueError
        If the inputs share no station, layer or day, or an option is out of range.

    Examples
    --------
    >>> from local_core.bias_correction.harmonic_corrector import HarmonicBiasCorrector
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=5, stations_per_type=1)
    >>> run = single_site_correction(HarmonicBiasCorrector(), network.reanalysis.soil_moisture,
    ...                              network.truth.layer_soil_moisture)
    >>> run.dataset.corrected.dims
    ('station', 'layer', 'time')
    """
    if not 0 < train_share < 1:
        raise ValueError(f"train_share={train_share}; expected a share between 0 and 1")
    last_fitted = _day(train_until)
    dataset = paired(reanalysis, in_situ, frozen_soil)
    frozen_model = in_order_of(dataset, frozen_model)
    common = (dataset["in_situ"].notnull() & dataset["initial"].notnull()).any("layer")
    time = dataset["time"].values
    role = np.zeros(dataset["in_situ"].shape, dtype=np.int8)
    notes = []
    for index in range(dataset.sizes["station"]):
        days = time[common.values[index]]
        note = ""
        years = (days[-1] - days[0]) / _DAY / DAYS_PER_YEAR if days.size else 0.0
        if years <= min_years:
            note = f"record of {years:.1f} years; more than {min_years:g} are needed"
        else:
            split = days[0] + (days[-1] - days[0]) * train_share
            if last_fitted is not None:
                split = last_fitted
            inside = (time >= days[0]) & (time <= days[-1])
            role[index] = np.where(inside & (time <= split), Role.FITTED, role[index])
            role[index] = np.where(inside & (time > split), Role.VALIDATION, role[index])
            if not (role[index] == Role.FITTED).any() or not (role[index] == Role.VALIDATION).any():
                note = f"{split.astype('datetime64[D]')} leaves nothing to fit or to judge"
                role[index] = Role.UNUSED
        notes.append(note)
    roles = dataset["in_situ"].copy(data=role)
    fitted = clone(corrector).fit(
        dataset["initial"],
        dataset["in_situ"].where(roles == Role.FITTED),
        frozen=frozen_model,
    )
    corrected = corrected_with_band(fitted, dataset["initial"], frozen_model, confidence)
    names = [str(name) for name in dataset["station"].values]
    sites = [name if not note else "" for name, note in zip(names, notes)]
    return CorrectionRun(
        mode="single-site",
        dataset=finish(dataset, corrected, roles, notes, sites),
        parameters=fitted.parameter_dataset(),
        corrector=clone(corrector),
    )


def corrected_with_band(
    fitted: BiasCorrector,
    reanalysis: xr.DataArray,
    frozen: xr.DataArray | None,
    confidence: float | None,
) -> xr.Dataset:
    """Correct, with limits where the method has them and they are wanted."""
    if confidence is not None and isinstance(fitted, SeasonalCorrector):
        return fitted.predict_interval(reanalysis, frozen=frozen, confidence=confidence)
    return fitted.predict(reanalysis, frozen=frozen).to_dataset(name="corrected")


def _day(text: str | None) -> np.datetime64 | None:
    """Read the last day of the fit."""
    try:
        return None if text is None else np.datetime64(text, "ns")
    except ValueError as error:
        raise ValueError(
            f"train_until={text!r} is not a date such as 2010-12-31 ({error})"
        ) from error
