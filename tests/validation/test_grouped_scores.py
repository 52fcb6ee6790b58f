"""Pairs and scores by station, network, season and land cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_core.metrics import ScoreStatus, anomaly, scores
from local_core.validation import (
    PairStatus,
    median_over_stations,
    pair_stations,
    read_series,
    scores_by,
    validate,
)
from local_core.validation.group_scores import on_regular_steps
from local_core.validation.pairs import season_of


@pytest.fixture
def pairs(estimate_file, station_file):
    return pair_stations(read_series(estimate_file), read_series(station_file))


def test_stations_are_joined_by_short_names_and_described(pairs):
    assert (pairs.status == PairStatus.PAIRED).all()
    first = pairs.table[pairs.table["station"] == "Maqu/M1"]
    assert set(first["network"]) == {"Maqu"}
    assert set(first["land_cover"]) == {"meadow"}
    assert (first["frozen"] == (first["month"] < 4)).all()


def test_planted_biases_come_back_by_network(pairs):
    table = scores_by(pairs.table, "network")
    assert table.loc["Naqu", "bias"] == pytest.approx(0.05, abs=0.003)
    assert table.loc["Maqu", "bias"] == pytest.approx(-0.03, abs=0.003)
    assert table["ubrmse"].to_numpy() == pytest.approx(0.02, abs=0.002)


@pytest.mark.parametrize(
    "by", ["all", "station", "network", "season", "land_cover", "year", "frozen"]
)
def test_groups_are_scored_as_their_pairs_alone(by, pairs):
    table = scores_by(pairs.table, by, intervals=False)
    frame = pairs.table.assign(
        frozen=pairs.table["frozen"].map({1.0: "frozen", 0.0: "thawed"}),
        land_cover=pairs.table["land_cover"].replace("", "unknown"),
        all="all",
    )
    for label, row in table.iterrows():
        part = frame[frame[by] == label]
        expected = scores(part["estimate"].to_numpy(), part["reference"].to_numpy())
        for name in ("n", "r", "bias", "rmse"):
            assert row[name] == pytest.approx(expected[name], rel=1e-12)
        assert row["n_stations"] == part["station"].nunique()
    assert table["n"].sum() == len(frame)


def test_combined_groups_and_season_order(pairs):
    table = scores_by(pairs.table, "network+season", intervals=False)
    assert list(table.index.names) == ["network", "season"]
    assert list(table.loc["Maqu"].index) == ["DJF", "MAM", "JJA", "SON"]
    assert season_of(np.arange(1, 13)).tolist() == (
        ["DJF"] * 2 + ["MAM"] * 3 + ["JJA"] * 3 + ["SON"] * 3 + ["DJF"]
    )


def test_intervals_follow_the_number_of_stations(pairs):
    everything = scores_by(pairs.table, "all", n_boot=200)
    assert everything["bias_upper"].iloc[0] - everything["bias_lower"].iloc[0] > 0.02
    station = scores_by(pairs.table, "station")
    assert (station["bias_upper"] - station["bias_lower"] < 0.01).all()
    network = scores_by(pairs.table, "network")
    assert "bias_lower" not in network


def test_medians_are_those_of_the_stations(pairs):
    station = scores_by(pairs.table, "station", intervals=False)
    medians = median_over_stations(station, pairs.table, "network")
    maqu = station[[name.startswith("Maqu") for name in station.index]]
    assert medians.loc["Maqu", "r"] == pytest.approx(maqu["r"].median())
    assert medians.loc["Maqu", "n_stations"] == 3
    assert median_over_stations(station, pairs.table, "all").loc["all", "n_stations"] == 6


def test_regular_steps_keep_gaps_as_gaps():
    time = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"])
    part = pd.DataFrame({"time": time, "estimate": range(5), "reference": range(5)})
    laid = on_regular_steps(part.sample(frac=1, random_state=0))
    assert np.isnan(laid["estimate"]).tolist() == [False] * 3 + [True] * 2 + [False] * 2
    irregular = part.assign(time=time + pd.to_timedelta([0, 5, 17, 31, 2], unit="h"))
    assert len(on_regular_steps(irregular)) == 5


def test_stations_without_a_score_say_why(station_series):
    rng = np.random.default_rng(0)
    good = rng.uniform(0.1, 0.4, 50)
    estimate = station_series({"a": good, "b": np.full(50, np.nan), "d": good})
    reference = station_series({"a": good, "b": good, "c": good})
    pairs = pair_stations(estimate, reference)
    assert pairs.status.to_dict() == {
        "a": PairStatus.PAIRED,
        "b": PairStatus.NO_OVERLAP,
        "c": PairStatus.NO_ESTIMATE,
        "d": PairStatus.NO_REFERENCE,
    }
    table = scores_by(pairs.table.iloc[:4], "station")
    assert table.loc["a", "status"] == ScoreStatus.TOO_FEW


def test_single_series_belong_together_whatever_their_names(station_series):
    values = np.linspace(0.1, 0.4, 30)
    pairs = pair_stations(station_series({"x": values}), station_series({"y": values}))
    assert set(pairs.table["station"]) == {"y"}


def test_anomalies_are_taken_before_pairing(station_series, rng, days):
    season = 0.1 * np.sin(2 * np.pi * days.day_of_year.to_numpy() / 365)
    events = rng.normal(0, 0.02, days.size)
    reference = station_series({"a": 0.25 + season + events})
    # Only every fifth day is estimated: its anomaly must not come from the pairs alone.
    estimate_values = np.where(np.arange(days.size) % 5 == 0, 0.3 - season + events, np.nan)
    estimate = station_series({"a": estimate_values})
    values = pair_stations(estimate, reference)
    assert scores_by(values.table, "all", intervals=False)["r"].iloc[0] < -0.8
    moving = pair_stations(estimate, reference, anomalies="moving_window")
    assert scores_by(moving.table, "all", intervals=False)["r"].iloc[0] > 0.7
    expected = anomaly(reference.series["a"])[::5]
    np.testing.assert_allclose(moving.table["reference"], expected, atol=1e-12)


def test_rescaling_matches_moments_at_each_station(station_series, rng):
    reference = station_series({"a": rng.normal(0.2, 0.05, 100), "b": rng.normal(0.4, 0.02, 100)})
    estimate = station_series({"a": rng.uniform(0, 100, 100), "b": rng.uniform(0, 50, 100)})
    table = pair_stations(estimate, reference, rescale="mean_std").table
    for _, part in table.groupby("station"):
        assert part["estimate"].mean() == pytest.approx(part["reference"].mean())
        assert part["estimate"].std() == pytest.approx(part["reference"].std())


def test_products_are_compared_on_common_days_only(station_series, rng):
    truth = rng.uniform(0.1, 0.4, 60)
    reference = station_series({"a": truth})
    early = np.where(np.arange(60) < 40, truth + 0.01, np.nan)
    late = np.where(np.arange(60) >= 20, truth - 0.02, np.nan)
    products = {"early": station_series({"a": early}), "late": station_series({"a": late})}
    table = validate(products, reference).tables["values", "all"]
    assert table["n"].tolist() == [20, 20]
    own = validate(products, reference, common=False).tables["values", "all"]
    assert own["n"].tolist() == [40, 40]
    assert own["bias"].tolist() == pytest.approx([0.01, -0.02])


def test_nothing_to_score_is_an_error_that_says_why(station_series):
    values = np.linspace(0.1, 0.4, 30)
    reference = station_series({"a": values, "b": values})
    with pytest.raises(ValueError, match="2 x no estimate for this station"):
        validate({"p": station_series({"c": values, "d": values})}, reference)
    first, second = values.copy(), values.copy()
    first[15:], second[:15] = np.nan, np.nan
    products = {"p": station_series({"a": first}), "q": station_series({"a": second})}
    with pytest.raises(ValueError, match="no day in common"):
        validate(products, reference)
    with pytest.raises(ValueError, match="at least one"):
        validate({}, reference)
    with pytest.raises(KeyError, match="cannot be grouped by orbit"):
        validate({"p": reference}, reference, by=["orbit"])


@pytest.mark.realdata
def test_core_sites_reproduce_the_peers_correlations(shared_data):
    # R of in situ with SMAP and with ECMWF as listed in SOURCES.md (computed there with pytesmo).
    published = {
        "16013601": (0.6097, 0.5395),
        "16033601": (0.8451, 0.6936),
        "16043601": (0.8954, 0.6784),
        "16073601": (0.6365, 0.7236),
        "3013602": (0.8525, 0.8891),
        "4013601": (0.5567, 0.6946),
        "48013601": (0.9376, 0.8905),
        "7013601": (0.9573, 0.9366),
        "9013601": (0.6298, 0.4792),
    }
    folder = shared_data / "grey-nearing__triple_collocation/data/core_data"
    rows = []
    for site in published:
        content = np.loadtxt(folder / f"{site}.txt", delimiter=",")
        year = pd.to_datetime(content[:, 0].astype(int).astype(str), format="%Y")
        time = year + pd.to_timedelta(content[:, 1] - 1, unit="D")
        rows.append(
            pd.DataFrame(
                {
                    "station": site,
                    "time": time,
                    "reference": content[:, 2],
                    "smap": content[:, 3],
                    "ecmwf": content[:, 4],
                }
            )
        )
    table = pd.concat(rows)
    for column, which in (("smap", 0), ("ecmwf", 1)):
        result = scores_by(table.rename(columns={column: "estimate"}), "station", intervals=False)
        for site, expected in published.items():
            assert result.loc[site, "r"] == pytest.approx(expected[which], abs=6e-5)
