"""The first part of a record is fitted and only the rest is judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.bias_correction import HarmonicBiasCorrector, Role, single_site_correction
from local_core.bias_correction.series_figure import series_figure
from local_core.bias_correction.skill_tables import skill_table


def test_split_and_roles(network, observed):
    run = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], observed["soil_moisture"]
    )
    role = run.dataset["role"].isel(station=0, layer=0)
    common = run.dataset["in_situ"].isel(station=0).notnull().any("layer")
    days = run.dataset["time"].values[common.values]
    split = days[0] + (days[-1] - days[0]) * 0.6
    fitted = run.dataset["time"].values[(role == Role.FITTED).values]
    judged = run.dataset["time"].values[(role == Role.VALIDATION).values]
    assert fitted[-1] <= split < judged[0]
    assert judged[0] - fitted[-1] == np.timedelta64(1, "D")
    assert fitted[0] == days[0]
    assert judged[-1] == days[-1]


def test_what_happens_after_the_split_does_not_change_the_fit(network, observed):
    moisture = observed["soil_moisture"]
    changed = moisture.where(moisture.time < np.datetime64("2010-01-01"), moisture * 0 + 0.5)
    model = network.reanalysis["soil_moisture"]
    plain = single_site_correction(
        HarmonicBiasCorrector(), model, moisture, train_until="2008-12-31"
    )
    other = single_site_correction(
        HarmonicBiasCorrector(), model, changed, train_until="2008-12-31"
    )
    xr.testing.assert_identical(plain.dataset["corrected"], other.dataset["corrected"])


def test_short_records_are_left_out_with_the_reason(network, observed):
    moisture = observed["soil_moisture"].copy()
    short = {"station": "SYN/AM2", "time": slice("2006-06-01", None)}
    moisture.loc[short] = np.nan
    moisture.loc[{"station": "SYN/AS1"}] = np.nan
    run = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], moisture
    )
    notes = run.dataset["note"].to_series()
    assert notes["SYN/AM2"] == "record of 2.4 years; more than 3 are needed"
    assert notes["SYN/AS1"] == "record of 0.0 years; more than 3 are needed"
    assert (notes.drop(["SYN/AM2", "SYN/AS1"]) == "").all()
    left_out = run.dataset["corrected"].sel(station=["SYN/AM2", "SYN/AS1"])
    assert left_out.isnull().all()
    table = skill_table(run).set_index("station")
    assert table.loc["SYN/AM2", "rmse_corrected"].isna().all()


def test_stations_and_layers_are_matched_by_name(network, observed):
    model = network.reanalysis["soil_moisture"].isel(station=slice(None, None, -1))
    model = model.sel(layer=["28-100", "0-7"])
    some = observed["soil_moisture"].isel(station=slice(0, 4))
    run = single_site_correction(HarmonicBiasCorrector(), model, some)
    assert run.dataset["station"].values.tolist() == some["station"].values.tolist()
    assert set(run.dataset["layer"].values) == {"0-7", "28-100"}
    full = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], observed["soil_moisture"]
    )
    xr.testing.assert_allclose(
        run.dataset["corrected"].sel(layer="0-7", drop=True).reset_coords(drop=True),
        full.dataset["corrected"]
        .sel(layer="0-7", station=some["station"].values, drop=True)
        .reset_coords(drop=True),
    )


def test_band_only_where_the_method_has_one(network, observed):
    from local_core.bias_correction import CdfMatching

    pair = (network.reanalysis["soil_moisture"], observed["soil_moisture"])
    with_band = single_site_correction(HarmonicBiasCorrector(), *pair, confidence=0.9)
    without = single_site_correction(CdfMatching(), *pair, confidence=0.9)
    assert {"lower", "upper"} <= set(with_band.dataset)
    assert "lower" not in without.dataset


def test_bad_input_is_explained(network, observed):
    model, moisture = network.reanalysis["soil_moisture"], observed["soil_moisture"]
    corrector = HarmonicBiasCorrector()
    with pytest.raises(ValueError, match=r"train_share=1\.5"):
        single_site_correction(corrector, model, moisture, train_share=1.5)
    with pytest.raises(ValueError, match=r"no layer in common: 0-7, .* and 0-10"):
        single_site_correction(
            corrector, model, moisture.isel(layer=[0]).assign_coords(layer=["0-10"])
        )
    with pytest.raises(ValueError, match="expected station, layer and time"):
        single_site_correction(corrector, model, moisture.isel(layer=0))
    shifted = moisture.assign_coords(time=moisture.time + pd.Timedelta(days=9000))
    with pytest.raises(ValueError, match="no day in common"):
        single_site_correction(corrector, model, shifted)


def test_a_layer_without_measurements_is_said_in_the_figure_and_stops_nothing(network, observed):
    moisture = observed["soil_moisture"].copy()
    moisture.loc[{"layer": moisture["layer"].values[-1]}] = np.nan
    run = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], moisture
    )
    figure = series_figure(run)
    figure.draw_without_rendering()
    row = figure.axes[: moisture.sizes["layer"]]
    assert [text.get_text() for text in row[-1].texts] == ["no data"]
    assert any(label.get_text() for label in row[0].get_xticklabels())


def test_frozen_state_may_have_its_stations_and_layers_in_any_order(network, observed):
    model, moisture = network.reanalysis["soil_moisture"], observed["soil_moisture"]
    frozen = xr.zeros_like(model).astype("int8")
    settings = {"frozen_model": frozen, "min_years": 1.0}
    plain = single_site_correction(HarmonicBiasCorrector(), model, moisture, **settings)
    turned = {
        "station": model["station"].values[::-1],
        "layer": model["layer"].values[::-1],
    }
    settings["frozen_model"] = frozen.sel(turned)
    other = single_site_correction(
        HarmonicBiasCorrector(), model.sel(turned), moisture.isel(layer=slice(0, 2)), **settings
    )
    np.testing.assert_allclose(
        other.dataset["corrected"], plain.dataset["corrected"].isel(layer=slice(0, 2))
    )
