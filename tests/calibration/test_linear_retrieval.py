"""The estimator: scikit-learn's fit, honest covariances, a file that survives the round trip."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict, cross_val_score

from local_core.calibration import LinearRetrieval, leave_group_out


def test_fit_equals_scikit_learn(samples):
    ours = LinearRetrieval().fit(samples.x, samples.y)
    theirs = LinearRegression().fit(samples.x, samples.y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-12)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-12)
    assert ours.r2_ == pytest.approx(theirs.score(samples.x, samples.y), abs=1e-12)
    assert ours.score(samples.x, samples.y) == pytest.approx(ours.r2_, abs=1e-12)
    np.testing.assert_allclose(ours.predict(samples.x), theirs.predict(samples.x), atol=1e-12)


def test_classical_covariance_equals_scipys_for_one_predictor(samples):
    x, y = samples.x[:, :1], samples.y
    ours = LinearRetrieval(covariance="classical").fit(x, y)
    line = stats.linregress(x[:, 0], y)
    assert np.sqrt(ours.covariance_[0, 0]) == pytest.approx(line.stderr, rel=1e-10)
    assert np.sqrt(ours.covariance_[1, 1]) == pytest.approx(line.intercept_stderr, rel=1e-10)


def test_classical_covariance_is_the_textbook_formula(samples):
    ours = LinearRetrieval(covariance="classical").fit(samples.x, samples.y)
    design = np.column_stack([samples.x, np.ones(800)])
    residuals = samples.y - design @ [*ours.coef_, ours.intercept_]
    variance = residuals @ residuals / (800 - 4)
    np.testing.assert_allclose(
        ours.covariance_, variance * np.linalg.inv(design.T @ design), rtol=1e-9
    )
    assert ours.residual_std_ == pytest.approx(np.sqrt(variance), rel=1e-10)


@pytest.mark.parametrize(("station_noise", "honest"), [(0.0, "both"), (0.06, "clustered")])
def test_standard_errors_cover_the_truth(station_noise, honest, rng, make_samples, truth):
    trials = 250
    inside = {"clustered": np.zeros(4), "classical": np.zeros(4)}
    for _ in range(trials):
        drawn = make_samples(rng, n=600, n_stations=60, noise=0.03, station_noise=station_noise)
        for kind in inside:
            fit = LinearRetrieval(covariance=kind).fit(drawn.x, drawn.y, groups=drawn.station)
            error = np.abs([*fit.coef_, fit.intercept_] - truth)
            inside[kind] += error < 1.96 * np.sqrt(np.diag(fit.covariance_))
    coverage = {kind: count / trials for kind, count in inside.items()}
    assert coverage["clustered"].min() > 0.89
    if honest == "both":
        assert coverage["classical"].min() > 0.91
    else:
        # NDVI differs between stations, so its coefficient suffers most from alike errors.
        assert coverage["classical"][1] < 0.85


def test_prediction_intervals_cover_new_samples(rng, make_samples, truth):
    drawn = make_samples(rng, n=400, station_noise=0.0)
    new = make_samples(rng, n=4000, station_noise=0.0)
    prediction, std = LinearRetrieval().fit(drawn.x, drawn.y).predict(new.x, return_std=True)
    assert np.mean(np.abs(prediction - new.y) < 1.96 * std) == pytest.approx(0.95, abs=0.02)


def test_works_inside_scikit_learn(samples):
    model = LinearRetrieval(covariance="classical")
    assert clone(model).get_params() == {"covariance": "classical"}
    ours = cross_val_score(model, samples.x, samples.y, cv=4)
    theirs = cross_val_score(LinearRegression(), samples.x, samples.y, cv=4)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_leave_group_out_equals_scikit_learn(samples):
    ours = leave_group_out(samples.x, samples.y, samples.station)
    theirs = cross_val_predict(
        LinearRegression(), samples.x, samples.y, groups=samples.station, cv=LeaveOneGroupOut()
    )
    np.testing.assert_allclose(ours.prediction, theirs, atol=1e-11)
    by_group = ours.by_group()
    assert len(by_group) == len(np.unique(samples.station))
    assert by_group["n"].sum() == 800
    pooled = np.sqrt((by_group["n"] * by_group["rmse"] ** 2).sum() / by_group["n"].sum())
    assert pooled == pytest.approx(ours.scores()["rmse"], rel=1e-12)


def test_new_places_are_worse_than_the_fit_says(rng, make_samples):
    drawn = make_samples(rng, n_stations=12, station_noise=0.08)
    fit = LinearRetrieval().fit(drawn.x, drawn.y, groups=drawn.station)
    outside = leave_group_out(drawn.x, drawn.y, drawn.station).scores()
    assert outside["rmse"] > 1.1 * fit.residual_std_
    assert outside["rmse_lower"] < outside["rmse"] < outside["rmse_upper"]


def test_bad_input_says_what_to_do(samples):
    with pytest.raises(ValueError, match="'clustered' or 'classical'"):
        LinearRetrieval(covariance="robust").fit(samples.x, samples.y)
    with pytest.raises(ValueError, match="too few for a clustered"):
        LinearRetrieval().fit(samples.x, samples.y, groups=samples.station % 4)
    with pytest.raises(ValueError, match="belong to one group"):
        leave_group_out(samples.x, samples.y, np.zeros(800))
