"""The batch equals scikit-learn split by split, and tells what the splits mean."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from local_core.calibration import random_subsets, split_regression


def sklearn_loop(x, y, validation_parts):
    values, r2 = [], []
    for members in validation_parts:
        validation = members.astype(bool)
        model = LinearRegression().fit(x[~validation], y[~validation])
        values.append([*model.coef_, model.intercept_])
        r2.append(
            [
                r2_score(y[~validation], model.predict(x[~validation])),
                r2_score(y[validation], model.predict(x[validation])),
            ]
        )
    return np.array(values), np.array(r2)


def test_equal_to_scikit_learn_on_every_split(samples):
    result = split_regression(samples.x, samples.y, n_splits=300, seed=7)
    parts = np.concatenate(list(random_subsets(800, 160, 300, seed=7)))
    values, r2 = sklearn_loop(samples.x, samples.y, parts)
    np.testing.assert_allclose(result.values, values, atol=1e-9, rtol=0)
    np.testing.assert_allclose(result.r2_training, r2[:, 0], atol=1e-9, rtol=0)
    np.testing.assert_allclose(result.r2_validation, r2[:, 1], atol=1e-9, rtol=0)
    assert (result.n_training == 640).all()


def test_equal_to_scikit_learn_when_whole_stations_are_held_out(samples):
    result = split_regression(
        samples.x, samples.y, groups=samples.station, n_splits=100, training_share=0.75, seed=3
    )
    held_out = np.concatenate(list(random_subsets(40, 10, 100, seed=3)))
    values, r2 = sklearn_loop(samples.x, samples.y, held_out[:, samples.station])
    np.testing.assert_allclose(result.values, values, atol=1e-9, rtol=0)
    np.testing.assert_allclose(result.r2_validation, r2[:, 1], atol=1e-9, rtol=0)
    np.testing.assert_array_equal(result.n_training, (1 - held_out[:, samples.station]).sum(axis=1))


def test_badly_scaled_predictors_keep_their_digits(samples):
    # An offset and tiny spread, as of a backscatter level in dB beside an index.
    x = samples.x * [1.0, 1e-4, 1.0] + [1000.0, 5.0, 0.0]
    result = split_regression(x, samples.y, n_splits=20, seed=1)
    parts = np.concatenate(list(random_subsets(800, 160, 20, seed=1)))
    values, r2 = sklearn_loop(x, samples.y, parts)
    np.testing.assert_allclose(result.values, values, rtol=1e-9)
    np.testing.assert_allclose(result.r2_training, r2[:, 0], atol=1e-9)


def test_optimum_is_the_largest_weighted_sum_of_r2(samples):
    result = split_regression(samples.x, samples.y, n_splits=500)
    weighted = (640 * result.r2_training + 160 * result.r2_validation) / 800
    np.testing.assert_allclose(result.r2_weighted, weighted)
    assert result.best == np.argmax(weighted)
    np.testing.assert_array_equal(result.optimum, result.values[result.best])
    table = result.table()
    assert list(table.columns) == ["a", "b", "c", "d", "r2"]
    assert list(table.index) == ["Mean", "OPT", "STD"]
    assert table.loc["OPT", "r2"] == pytest.approx(weighted.max(), rel=1e-14)
    assert table.loc["STD", "b"] == pytest.approx(result.values[:, 1].std(ddof=1))


def test_recovers_the_coefficients_behind_the_samples(rng, make_samples, truth):
    drawn = make_samples(rng, n=20_000, station_noise=0.0)
    result = split_regression(drawn.x, drawn.y, n_splits=200)
    np.testing.assert_allclose(result.mean, truth, atol=4 * 2 * result.std.max())
    np.testing.assert_array_less(np.abs(result.mean - truth), 4 * 2 * result.std)


def test_training_and_validation_r2_mirror_each_other(samples):
    # Hence the best of many splits is the luckiest, not a better model.
    result = split_regression(samples.x, samples.y, n_splits=2000)
    assert result.r2_correlation < -0.98


def test_spread_over_splits_is_half_the_standard_error(rng, make_samples):
    # For parts with a share f of the samples the spread is sqrt((1 - f) / f) of the standard error.
    fits, spreads = [], []
    for _ in range(150):
        drawn = make_samples(rng, n=400, station_noise=0.0)
        fits.append(LinearRegression().fit(drawn.x, drawn.y).coef_)
        spreads.append(split_regression(drawn.x, drawn.y, n_splits=200).std[:3])
    ratio = np.mean(spreads, axis=0) / np.std(fits, axis=0, ddof=1)
    np.testing.assert_allclose(ratio, 0.5, atol=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"training_share": 1.0}, "leaves some for both"),
        ({"training_share": 0.0}, "leaves some for both"),
        ({"n_splits": 1}, "at least 2"),
        ({"groups": np.zeros(800)}, "1 groups"),
        ({"groups": np.zeros(3)}, "one group per sample"),
        ({"names": ("a",)}, "3 predictors but 1 names"),
    ],
)
def test_bad_options_say_what_to_do(samples, change, message):
    with pytest.raises(ValueError, match=message):
        split_regression(samples.x, samples.y, **{"n_splits": 10, **change})


def test_bad_samples_say_what_to_do(samples):
    x, y = samples.x, samples.y
    with pytest.raises(ValueError, match="expected predictors of shape"):
        split_regression(x, y[:-1])
    with pytest.raises(ValueError, match="1 of 800 samples have a gap"):
        split_regression(x, np.where(np.arange(800) == 3, np.nan, y))
    with pytest.raises(ValueError, match="ndmi does not vary"):
        split_regression(x * [1, 1, 0] + [0, 0, 0.2], y)
    with pytest.raises(ValueError, match="linearly dependent"):
        split_regression(np.column_stack([x[:, 0], x[:, 1], 2 * x[:, 1] - x[:, 0]]), y)
    with pytest.raises(ValueError, match="too few"):
        split_regression(x[:5], y[:5])
    few_groups = np.repeat([0, 1], 400)
    few = np.where(few_groups[:, None] == 0, x, [1.0, 0.5, 0.1])
    with pytest.raises(ValueError, match="does not determine"):
        split_regression(few, y, groups=few_groups, training_share=0.5, n_splits=20)
