"""A site is corrected by the others of its type, never by itself."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from local_core.bias_correction import (
    HarmonicBiasCorrector,
    MeanStdMatching,
    Role,
    VmdBiasCorrector,
    cross_site_correction,
)
from local_core.bias_correction.skill_tables import skill_table


@pytest.mark.parametrize(
    "corrector", [HarmonicBiasCorrector(), VmdBiasCorrector(), MeanStdMatching()]
)
def test_a_site_s_own_record_does_not_enter(network, observed, corrector):
    moisture = observed["soil_moisture"]
    changed = moisture.copy()
    changed.loc[{"station": "SYN/AM1"}] = 0.5
    kinds = network.stations["vegetation_type"]
    model = network.reanalysis["soil_moisture"]
    plain = cross_site_correction(corrector, model, moisture, vegetation_type=kinds)
    other = cross_site_correction(corrector, model, changed, vegetation_type=kinds)
    np.testing.assert_array_equal(
        plain.dataset["corrected"].sel(station="SYN/AM1"),
        other.dataset["corrected"].sel(station="SYN/AM1"),
    )
    assert not np.allclose(
        plain.dataset["corrected"].sel(station="SYN/AM2"),
        other.dataset["corrected"].sel(station="SYN/AM2"),
    )
    assert (plain.dataset["role"] == Role.VALIDATION).all()


def test_sites_fitted_are_named_and_can_be_left_out(network, observed):
    run = cross_site_correction(
        HarmonicBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        vegetation_type=network.stations["vegetation_type"],
        leave_out=["SYN/AM3"],
    )
    sites = run.dataset["fit_sites"].to_series()
    assert sites["SYN/AM1"] == "AM2"
    assert sites["SYN/AM3"] == "AM1, AM2"
    assert sites["SYN/AS1"] == "AS2, AS3"
    table = skill_table(run)
    assert (table["rmse_corrected"] < 0.25 * table["rmse_initial"]).all()


def test_identical_sites_correct_each_other_exactly(network):
    site = network.reanalysis["soil_moisture"].isel(station=[0, 0, 0])
    site = site.assign_coords(station=["A", "B", "C"])
    days = (site["time"] - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
    truth = site + 0.1 * np.sin(2 * np.pi * days / 365.25) - 0.2 - 1e-5 * days
    # Records of different years: the line must still be the common one.
    for index, years in enumerate((("2004", "2006"), ("2006", "2009"), ("2009", "2011"))):
        inside = (truth.time.dt.year >= int(years[0])) & (truth.time.dt.year <= int(years[1]))
        truth[index] = truth[index].where(inside)
    run = cross_site_correction(
        HarmonicBiasCorrector(), site, truth, vegetation_type=["meadow"] * 3
    )
    difference = run.dataset["corrected"] - run.dataset["in_situ"]
    assert float(abs(difference).max()) < 1e-10


def test_lonely_sites_are_noted(network, observed):
    kinds = network.stations["vegetation_type"].values.astype(object).copy()
    kinds[0], kinds[1] = "", "dune"
    run = cross_site_correction(
        HarmonicBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        vegetation_type=kinds,
    )
    notes = run.dataset["note"].values
    assert notes[0] == notes[1] == notes[2] == "no other site of its vegetation type"
    assert set(notes[3:]) == {""}
    assert run.dataset["corrected"].isel(station=slice(0, 3)).isnull().all()
    assert run.parameters.sizes["station"] == 6


def test_nothing_to_fit_on_is_an_error(network, observed):
    pair = (network.reanalysis["soil_moisture"], observed["soil_moisture"])
    with pytest.raises(ValueError, match="no station has another one"):
        cross_site_correction(
            HarmonicBiasCorrector(), *pair, vegetation_type=[str(i) for i in range(9)]
        )
    with pytest.raises(ValueError, match="3 vegetation types for 9 stations"):
        cross_site_correction(HarmonicBiasCorrector(), *pair, vegetation_type=["a"] * 3)
    with pytest.raises(ValueError, match="no station QT01"):
        cross_site_correction(
            HarmonicBiasCorrector(),
            *pair,
            vegetation_type=network.stations["vegetation_type"],
            leave_out=["QT01"],
        )


def test_band_of_a_pooled_fit_covers_the_new_site(network, observed):
    run = cross_site_correction(
        HarmonicBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        vegetation_type=network.stations["vegetation_type"],
        confidence=0.95,
    )
    truth = run.dataset["in_situ"]
    inside = (truth >= run.dataset["lower"]) & (truth <= run.dataset["upper"])
    # Nine sites of one network: the calibration over many is in test_confidence_band.
    assert float(inside.where(truth.notnull()).mean()) > 0.85
    assert isinstance(run.dataset, xr.Dataset)
