"""Every score equals pytesmo, scipy or scikit-learn on the jointly valid pairs."""

from __future__ import annotations

import numpy as np
import pytest
from pytesmo.metrics import pairwise
from scipy import stats
from sklearn import metrics as sk

from local_core import metrics

ORACLES = {
    "r": lambda x, y: stats.pearsonr(x, y).statistic,
    "p": lambda x, y: stats.pearsonr(x, y).pvalue,
    "spearman_r": lambda x, y: stats.spearmanr(x, y).statistic,
    "spearman_p": lambda x, y: stats.spearmanr(x, y).pvalue,
    "bias": pairwise.bias,
    "rmse": lambda x, y: sk.root_mean_squared_error(y, x),
    "ubrmse": pairwise.ubrmsd,
    "mae": lambda x, y: sk.mean_absolute_error(y, x),
    "mse": lambda x, y: pairwise.mse_decomposition(x, y)[0],
    "mse_corr": lambda x, y: pairwise.mse_decomposition(x, y)[1],
    "mse_bias": lambda x, y: pairwise.mse_decomposition(x, y)[2],
    "mse_var": lambda x, y: pairwise.mse_decomposition(x, y)[3],
    "r2": lambda x, y: sk.r2_score(y, x),
    "slope": lambda x, y: stats.linregress(y, x).slope,
    "intercept": lambda x, y: stats.linregress(y, x).intercept,
    "n": lambda x, y: len(x),
    "n_eff": lambda x, y: len(x),
}


def valid_pairs(x, y):
    both = np.isfinite(x) & np.isfinite(y)
    return x[both], y[both]


@pytest.mark.parametrize("name", ORACLES)
def test_score_equals_its_peer(name, paired_with_gaps):
    estimate, reference = paired_with_gaps
    result = metrics.scores(estimate, reference)[name]
    expected = [ORACLES[name](*valid_pairs(x, y)) for x, y in zip(estimate, reference)]
    np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-13)


def test_no_score_is_without_an_oracle():
    assert set(metrics.SCORES) - set(ORACLES) == {"status"}


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (metrics.bias, "bias"),
        (metrics.mae, "mae"),
        (metrics.rmse, "rmse"),
        (metrics.ubrmse, "ubrmse"),
        (metrics.r2, "r2"),
        (lambda x, y: metrics.pearson_r(x, y).r, "r"),
        (lambda x, y: metrics.pearson_r(x, y).p, "p"),
        (lambda x, y: metrics.spearman_r(x, y).r, "spearman_r"),
        (lambda x, y: metrics.mse_decomposition(x, y).corr, "mse_corr"),
        (lambda x, y: metrics.mse_decomposition(x, y).var, "mse_var"),
    ],
)
def test_single_functions_agree_with_the_table(function, name, paired_with_gaps):
    estimate, reference = paired_with_gaps
    np.testing.assert_array_equal(
        function(estimate, reference), metrics.scores(estimate, reference)[name]
    )


@pytest.mark.parametrize(
    ("name", "oracle", "peer_metric"),
    [
        ("r", pairwise.pearson_r_ci, pairwise.pearson_r),
        ("spearman_r", pairwise.spearman_r_ci, pairwise.spearman_r),
        ("bias", pairwise.bias_ci, pairwise.bias),
        ("ubrmse", pairwise.ubrmsd_ci, pairwise.ubrmsd),
    ],
)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_closed_form_interval_equals_pytesmo(
    name, oracle, peer_metric, confidence, paired_with_gaps
):
    estimate, reference = paired_with_gaps
    result = metrics.scores(estimate, reference, interval="analytic", confidence=confidence)
    for k, (x, y) in enumerate(zip(estimate, reference)):
        x, y = valid_pairs(x, y)
        lower, upper = oracle(x, y, peer_metric(x, y), alpha=1 - confidence)
        assert result[f"{name}_lower"][k] == pytest.approx(lower, rel=1e-9)
        assert result[f"{name}_upper"][k] == pytest.approx(upper, rel=1e-9)


def test_bias_is_estimate_minus_reference_in_every_spelling():
    # Chang et al. (2022) eq. 9 and Qu et al. (2021) eq. 15 agree; Table 2 of TC-LSTM negates.
    estimate, measured = np.array([0.3, 0.4]), np.array([0.1, 0.3])
    chang_eq9 = np.sum(estimate - measured) / 2
    tc_lstm_table2 = np.sum(measured - estimate) / 2
    assert metrics.bias(estimate, measured) == pytest.approx(chang_eq9)
    assert metrics.bias(estimate, measured) == pytest.approx(-tc_lstm_table2)


def test_bootstrap_of_one_series_agrees_with_scipy(rng):
    x = rng.normal(size=200)
    y = 0.7 * x + rng.normal(size=200)
    ours = metrics.scores(
        x, y, interval="bootstrap", n_boot=4000, block_length=1, metrics=["r", "rmse"]
    )
    for name, statistic in (
        ("r", lambda a, b: stats.pearsonr(a, b).statistic),
        ("rmse", lambda a, b: np.sqrt(np.mean((a - b) ** 2))),
    ):
        theirs = stats.bootstrap(
            (x, y),
            statistic,
            paired=True,
            vectorized=False,
            n_resamples=2000,
            method="percentile",
            rng=np.random.default_rng(3),
        ).confidence_interval
        width = theirs.high - theirs.low
        assert abs(ours[f"{name}_lower"] - theirs.low) < 0.08 * width
        assert abs(ours[f"{name}_upper"] - theirs.high) < 0.08 * width


def test_rank_correlation_of_a_replicate_equals_scipy_on_the_drawn_days(rng):
    from local_core.metrics.bootstrap import _spearman_replicates, block_weights
    from local_core.metrics.moments import pair_moments

    x = np.round(rng.normal(size=(2, 60)), 1)
    y = np.round(x + rng.normal(size=(2, 60)), 1)
    x[0, 5:9] = np.nan
    weights = block_weights(60, n_boot=20, block_length=5, seed=4)
    ours = _spearman_replicates(x, y, pair_moments(x, y), weights)
    for replicate in range(20):
        days = np.repeat(np.arange(60), weights[replicate].astype(int))
        for series in range(2):
            a, b = valid_pairs(x[series, days], y[series, days])
            expected = stats.spearmanr(a, b).statistic
            assert ours[replicate, series] == pytest.approx(expected, abs=1e-12)
