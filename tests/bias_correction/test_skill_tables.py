"""Tables: scores against numpy, means against the paper's Table II."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_core.bias_correction import (
    HarmonicBiasCorrector,
    MeanStdMatching,
    Role,
    cross_site_correction,
    single_site_correction,
)
from local_core.bias_correction.skill_tables import (
    freezing_table,
    method_table,
    printed_table,
    skill_table,
    with_means,
)

# Chang et al. (2022), Table II, alpine meadow: R, bias and RMSE, each initial and corrected.
TABLE_2_MEADOW = {
    ("QT01", "0-7"): (0.61, 0.90, 0.31, -0.02, 0.32, 0.04),
    ("QT01", "7-28"): (0.71, 0.94, 0.31, -0.01, 0.32, 0.03),
    ("QT01", "28-100"): (0.42, 0.95, 0.28, 0.01, 0.29, 0.03),
    ("QT01", "100-289"): (0.77, 0.95, 0.40, 0.02, 0.40, 0.02),
    ("QT03", "0-7"): (0.50, 0.90, 0.17, -0.02, 0.22, 0.07),
    ("QT03", "7-28"): (0.61, 0.94, 0.18, -0.02, 0.22, 0.05),
    ("QT03", "28-100"): (0.75, 0.93, 0.24, 0.01, 0.25, 0.04),
    ("QT03", "100-289"): (0.32, 0.91, 0.20, -0.01, 0.20, 0.03),
    ("D105", "0-7"): (0.70, 0.89, 0.25, 0.06, 0.26, 0.07),
    ("D105", "7-28"): (0.75, 0.94, 0.14, 0.04, 0.16, 0.05),
    ("D105", "28-100"): (0.79, 0.94, 0.19, 0.03, 0.20, 0.04),
    ("D105", "100-289"): (0.96, 0.98, 0.22, 0.01, 0.23, 0.02),
}
# Its mean rows, as printed.
PRINTED_MEANS = {
    "0-7": (0.61, 0.89, 0.24, 0.01, 0.27, 0.06),
    "7-28": (0.69, 0.94, 0.21, 0.01, 0.23, 0.05),
    "28-100": (0.66, 0.94, 0.23, 0.02, 0.25, 0.04),
    "100-289": (0.68, 0.95, 0.27, 0.01, 0.28, 0.02),
    "all layers": (0.66, 0.93, 0.24, 0.01, 0.26, 0.04),
}
NUMBERS = [
    f"{score}_{when}" for score in ("r", "bias", "rmse") for when in ("initial", "corrected")
]


def test_mean_rows_reproduce_the_paper_s_table():
    table = pd.DataFrame(
        [
            {
                "vegetation_type": "alpine meadow",
                "station": site,
                "fit_sites": site,
                "layer": layer,
                "n": 100,
                **dict(zip(NUMBERS, values)),
                "note": "",
            }
            for (site, layer), values in TABLE_2_MEADOW.items()
        ]
    )
    means = with_means(table)
    means = means[means["station"] == "Mean"].set_index("layer")[NUMBERS]
    for layer, printed in PRINTED_MEANS.items():
        # The paper's own rows are rounded, and so are its means.
        np.testing.assert_allclose(means.loc[layer].astype(float), printed, atol=0.0101)


@pytest.fixture(scope="module")
def run(network, observed):
    return single_site_correction(
        HarmonicBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        frozen_soil=observed["frozen"],
    )


def test_scores_are_those_of_the_validation_days(run):
    table = skill_table(run).set_index(["station", "layer"])
    part = run.dataset.sel(station="SYN/AS3", layer="7-28")
    days = (part["role"] == Role.VALIDATION) & part["in_situ"].notnull()
    truth = part["in_situ"].values[days.values]
    for name in ("initial", "corrected"):
        estimate = part[name].values[days.values]
        row = table.loc[("SYN/AS3", "7-28")]
        assert row[f"bias_{name}"] == pytest.approx((estimate - truth).mean())
        assert row[f"rmse_{name}"] == pytest.approx(np.sqrt(((estimate - truth) ** 2).mean()))
        assert row[f"r_{name}"] == pytest.approx(np.corrcoef(estimate, truth)[0, 1])
    assert table.loc[("SYN/AS3", "7-28"), "n"] == days.sum()


def test_too_wet_a_reanalysis_has_a_positive_bias(run):
    assert (skill_table(run)["bias_initial"] > 0.1).all()


def test_printed_tables_have_the_paper_s_columns(run, network, observed):
    table_2 = printed_table(skill_table(run), cross_site=False)
    header = table_2.splitlines()[0]
    assert header.startswith("| Vegetation type | Site | Layer (cm) | Days | R, initial |")
    assert "| alpine steppe | Mean | all layers |" in table_2
    crossed = cross_site_correction(
        HarmonicBiasCorrector(),
        network.reanalysis["soil_moisture"],
        observed["soil_moisture"],
        vegetation_type=network.stations["vegetation_type"],
    )
    table_3 = printed_table(skill_table(crossed), cross_site=True)
    assert "| Validation site | Sites fitted |" in table_3
    assert "| alpine meadow | SYN/AM1 | AM2, AM3 | 0-7 |" in table_3


def test_sites_that_were_not_corrected_are_explained(network, observed):
    moisture = observed["soil_moisture"].copy()
    moisture.loc[{"station": "SYN/AM2", "time": slice("2005", None)}] = np.nan
    run = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], moisture
    )
    text = printed_table(skill_table(run), cross_site=False)
    assert "| alpine meadow | SYN/AM2 | 0-7 | 0 | / | / |" in text
    assert "Not corrected: SYN/AM2 (record of 1.0 years; more than 3 are needed)." in text


def test_freezing_errors_are_those_of_frozen_validation_days(run):
    table = freezing_table(run).set_index(["station", "layer"])
    part = run.dataset.sel(station="SYN/AM1", layer="0-7")
    days = (
        (part["role"] == Role.VALIDATION) & part["in_situ"].notnull() & (part["frozen"] == 1)
    ).values
    error = (part["corrected"] - part["in_situ"]).values[days]
    row = table.loc[("SYN/AM1", "0-7")]
    assert row["rmse_frozen_corrected"] == pytest.approx(np.sqrt((error**2).mean()))
    assert row["frozen_days"] == days.sum()
    assert row["ratio_corrected"] == pytest.approx(
        row["rmse_frozen_corrected"] / row["rmse_corrected"]
    )


def test_no_state_of_the_soil_no_freezing_table(network, observed):
    run = single_site_correction(
        HarmonicBiasCorrector(), network.reanalysis["soil_moisture"], observed["soil_moisture"]
    )
    assert freezing_table(run) is None


def test_methods_are_compared_on_the_same_series(network, observed):
    pair = (network.reanalysis["soil_moisture"], observed["soil_moisture"])
    tables = {
        corrector.method: skill_table(single_site_correction(corrector, *pair))
        for corrector in (HarmonicBiasCorrector(), MeanStdMatching())
    }
    unusable = tables["mean-std"].index[:5]
    tables["mean-std"].loc[unusable, "rmse_corrected"] = np.nan
    table = method_table(tables).set_index("method")
    assert (table["series"] == 31).all()
    kept = tables["harmonic"].iloc[5:]
    assert table.loc["harmonic", "RMSE (m3 m-3)"] == pytest.approx(kept["rmse_corrected"].mean())
    assert table.loc["none", "RMSE (m3 m-3)"] == pytest.approx(kept["rmse_initial"].mean())
    assert table.loc["harmonic", "improved"] == 1.0
