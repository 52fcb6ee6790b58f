"""Regressions, correlations, histograms and gathering reducers, against scipy, sklearn, numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from affine import Affine
from scipy import optimize, stats
from sklearn.linear_model import Ridge

RNG = np.random.default_rng(20)
X = np.round(RNG.normal(size=40) * 3, 2)
Y = np.round(2.5 * X + 7 + RNG.normal(size=40), 1)
Z = np.round(RNG.normal(size=40), 2)
DAYS = range(8)


def columns(reducer, *values):
    rows = [[float(item) for item in row] for row in zip(*values, strict=True)]
    names = [f"c{i}" for i in range(len(values))]
    features = [ee.Feature(None, dict(zip(names, row, strict=True))) for row in rows]
    return ee.FeatureCollection(features).reduceColumns(reducer, names).getInfo()


def test_least_squares_as_numpy():
    found = columns(ee.Reducer.linearRegression(3, 2), np.ones(40), X, Z, Y, Y * Z)
    design, target = np.stack([np.ones(40), X, Z], 1), np.stack([Y, Y * Z], 1)
    expected = np.linalg.lstsq(design, target, rcond=None)[0]
    np.testing.assert_allclose(found["coefficients"], expected, rtol=1e-12)
    rms = np.sqrt(((target - design @ expected) ** 2).mean(0))
    np.testing.assert_allclose(found["residuals"], rms, rtol=1e-12)


def test_no_fit_without_enough_or_with_dependent_inputs():
    few = columns(ee.Reducer.linearRegression(2, 1), [1, 1], [1, 2], [3, 4])
    assert few == {"coefficients": None, "residuals": None}
    dependent = columns(ee.Reducer.linearRegression(2, 1), X, 2 * X, Y)
    assert dependent == {"coefficients": None, "residuals": None}


def test_ridge_as_sklearn_on_standardised_variables():
    found = columns(ee.Reducer.ridgeRegression(2, 1, 5), X, Z, Y)
    design = np.stack([X, Z], 1)
    scale, mean = design.std(0), design.mean(0)
    model = Ridge(alpha=5).fit((design - mean) / scale, Y)
    slopes = model.coef_ / scale
    expected = [*slopes, model.intercept_ - slopes @ mean]
    np.testing.assert_allclose(np.ravel(found["coefficients"]), expected, rtol=1e-10)
    left = ((Y - design @ slopes - expected[2]) ** 2).sum()
    np.testing.assert_allclose(found["residuals"], [np.sqrt(left / 40)], rtol=1e-10)
    f = (((Y - Y.mean()) ** 2).sum() - left) / 2 / (left / 37)
    np.testing.assert_allclose(found["pValue"], [stats.f.sf(f, 2, 37)], rtol=1e-8)


def test_robust_regression_leaves_outliers_out():
    spoiled = Y.copy()
    spoiled[[3, 17, 30]] += 500
    found = columns(ee.Reducer.robustLinearRegression(2, 1), np.ones(40), X, spoiled)
    clean = np.delete(np.arange(40), [3, 17, 30])
    design = np.stack([np.ones(37), X[clean]], 1)
    expected = np.linalg.lstsq(design, Y[clean], rcond=None)[0]
    np.testing.assert_allclose(np.ravel(found["coefficients"]), expected, rtol=1e-12)
    plain = columns(ee.Reducer.robustLinearRegression(2, 1, 1e6), np.ones(40), X, spoiled)
    full = np.linalg.lstsq(np.stack([np.ones(40), X], 1), spoiled, rcond=None)[0]
    np.testing.assert_allclose(np.ravel(plain["coefficients"]), full, rtol=1e-12)


def test_rank_statistics_as_scipy():
    x, y = np.round(X), np.round(Y / 4)  # with ties
    tau = stats.kendalltau(x, y, method="asymptotic")
    found = columns(ee.Reducer.kendallsCorrelation(2), x, y)
    np.testing.assert_allclose([found["tau"], found["p-value"]], list(tau), rtol=1e-9)
    order = columns(ee.Reducer.kendallsCorrelation(1), y)
    np.testing.assert_allclose(order["tau"], stats.kendalltau(range(40), y)[0], rtol=1e-12)
    rho = stats.spearmanr(x, y)
    found = columns(ee.Reducer.spearmansCorrelation(), x, y)
    np.testing.assert_allclose([found["correlation"], found["p-value"]], list(rho), rtol=1e-9)
    sen = stats.theilslopes(y, x)
    found = columns(ee.Reducer.sensSlope(), x, y)
    np.testing.assert_allclose([found["slope"], found["offset"]], sen[:2], rtol=1e-12)


def test_geometric_median_as_scipy():
    found = columns(ee.Reducer.geometricMedian(3), X, Y, Z)
    points = np.stack([X, Y, Z], 1)
    best = optimize.minimize(
        lambda c: np.linalg.norm(points - c, axis=1).sum(),
        points.mean(0),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000},
    )
    np.testing.assert_allclose(list(found.values()), best.x, atol=1e-3)
    # A heap of equal points is its own median.
    heap = columns(ee.Reducer.geometricMedian(2), [1, 1, 1, 9], [2, 2, 2, 9])
    assert heap == pytest.approx({"median_0": 1.0, "median_1": 2.0}, abs=1e-6)


def test_covariance_as_numpy():
    pairs = ee.List([ee.Array([float(x), float(y)]) for x, y in zip(X, Y, strict=True)])
    found = pairs.reduce(ee.Reducer.covariance()).getInfo()
    np.testing.assert_allclose(found, np.cov(X, Y, bias=True), rtol=1e-12)
    centred = pairs.reduce(ee.Reducer.centeredCovariance()).getInfo()
    points = np.stack([X, Y], 1)
    np.testing.assert_allclose(centred, points.T @ points / 40, rtol=1e-12)


def test_histograms_as_numpy():
    fixed = columns(ee.Reducer.fixedHistogram(-6, 6, 24), X)["histogram"]
    edges = np.linspace(-6, 6, 25)
    np.testing.assert_allclose(np.array(fixed)[:, 0], edges[:-1], atol=1e-12)
    np.testing.assert_array_equal(np.array(fixed)[:, 1], np.histogram(X, edges)[0])
    both = columns(ee.Reducer.fixed2DHistogram(-6, 6, 4, -10, 20, 5), X, Y)
    expected = np.histogram2d(X, Y, [4, 5], [[-6, 6], [-10, 20]])[0]
    np.testing.assert_array_equal(both["histogram"], expected)
    np.testing.assert_allclose(both["yAxis"], [-10, -4, 2, 8, 14])
    found = columns(ee.Reducer.histogram(16), X)["histogram"]
    low, width = found["bucketMin"], found["bucketWidth"]
    assert np.log2(width) == int(np.log2(width))
    edges = low + width * np.arange(len(found["histogram"]) + 1)
    np.testing.assert_array_equal(found["histogram"], np.histogram(X, edges)[0])
    assert 8 <= len(found["histogram"]) <= 16
    auto = np.array(columns(ee.Reducer.autoHistogram(16, None, None, True), X)["histogram"])
    np.testing.assert_array_equal(auto[:, 1], np.cumsum(found["histogram"]))


def test_gathering_and_taking_apart():
    numbers = ee.List([ee.Array([[1, 2], [3, 4]]), ee.Array([[10, 20], [30, 40]])])
    each = numbers.reduce(ee.Reducer.sum().forEachElement()).getInfo()
    assert each == [[11, 22], [33, 44]]
    assert numbers.reduce(ee.Reducer.sum().disaggregate()).getInfo() == 110
    rows = numbers.reduce(ee.Reducer.sum().forEachElement().disaggregate(0)).getInfo()
    assert rows == [44, 66]
    assert ee.List([[1, 2], 3, {"a": 4}]).reduce(ee.Reducer.max().disaggregate()).getInfo() == 4
    table = columns(ee.Reducer.toCollection(["a", "b"]), [1, 2], [3, 4])["features"]
    assert [f["properties"] for f in table["features"]] == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    with pytest.raises(ee.EEException, match="takes numbers, not arrays"):
        ee.Image(ee.Array([1, 2])).reduceRegion(
            ee.Reducer.mean(), ee.Geometry.Point([10, 50]), 10
        ).getInfo()


# -- on the pixels of a series -------------------------------------------------------------------


@pytest.fixture(scope="module")
def cube(rasters):
    """Values of eight days, some of them missing."""
    value, count = rasters["value"].astype(float), rasters["count"].astype(float)
    days = [value * (1 + 0.1 * d) + (count * (d * d % 5) + d) / 10 for d in DAYS]
    data = np.stack([day.astype(np.float32) for day in days])
    return np.where((rasters["count"][None] + np.arange(8)[:, None, None]) % 7 == 0, np.nan, data)


@pytest.fixture
def series():
    image = ee.Image("TEST/IMAGE").toDouble()
    value, count = image.select("value"), image.select("count")

    def day(d):
        made = value.multiply(1 + 0.1 * d).add(count.multiply(d * d % 5).add(d).divide(10))
        kept = count.add(d).mod(7).neq(0)
        return ee.Image([1, d]).rename(["one", "day"]).addBands(
            made.toFloat().rename("made")).updateMask(kept)  # fmt: skip

    return ee.ImageCollection([day(d) for d in DAYS])


PLACES = [(0, 0), (5, 149), (60, 71), (119, 3)]


def profile(cube, place):
    values = cube[:, *place]
    kept = ~np.isnan(values)
    return np.arange(8.0)[kept], values[kept]


def test_regressions_of_pixels(pull, cube, series):
    fit = series.reduce(ee.Reducer.linearRegression(2, 1))
    assert fit.bandNames().getInfo() == ["coefficients", "residuals"]
    flat = fit.select("coefficients").arrayFlatten([["offset", "slope"], ["y"]])
    found = pull(flat)
    rms = pull(fit.select("residuals").arrayGet(0))["residuals"]
    simple = pull(series.select(["day", "made"]).reduce(ee.Reducer.linearFit()))
    sen = pull(series.select(["day", "made"]).reduce(ee.Reducer.sensSlope()))
    np.testing.assert_allclose(simple["scale"], found["slope_y"], rtol=1e-8, atol=1e-9)
    for place in PLACES:
        x, y = profile(cube, place)
        line = stats.linregress(x, y)
        np.testing.assert_allclose(found["slope_y"][place], line.slope, rtol=1e-6)
        np.testing.assert_allclose(found["offset_y"][place], line.intercept, rtol=1e-6)
        left = y - line.intercept - line.slope * x
        np.testing.assert_allclose(rms[place], np.sqrt((left**2).mean()), rtol=1e-4)
        theil = stats.theilslopes(y, x)
        np.testing.assert_allclose(
            [sen["slope"][place], sen["offset"][place]], theil[:2], rtol=1e-6
        )


def test_correlations_of_pixels(pull, cube, series):
    two = series.select(["day", "made"])
    kendall = pull(two.reduce(ee.Reducer.kendallsCorrelation(2)))
    spearman = pull(two.reduce(ee.Reducer.spearmansCorrelation()))
    for place in PLACES:
        x, y = profile(cube, place)
        expected = stats.kendalltau(x, y, method="asymptotic")
        np.testing.assert_allclose(
            [kendall["tau"][place], kendall["p-value"][place]], list(expected), rtol=1e-6
        )
        expected = stats.spearmanr(x, y)
        np.testing.assert_allclose(spearman["correlation"][place], expected[0], rtol=1e-6)


def test_lists_histograms_and_geometric_medians_of_pixels(pull, cube, series):
    listed = series.select("made").reduce(ee.Reducer.toList())
    length = pull(listed.arrayLength(0))["made_list"]
    np.testing.assert_array_equal(length.data, (~np.isnan(cube)).sum(0))
    histogram = series.select("made").reduce(ee.Reducer.fixedHistogram(0, 200, 4))
    counts = pull(histogram.arraySlice(1, 1).arrayProject([0]).arrayFlatten([list("abcd")]))
    median = pull(series.select(["day", "made"]).reduce(ee.Reducer.geometricMedian(2)))
    for place in PLACES:
        x, y = profile(cube, place)
        expected = np.histogram(y, 4, (0, 200))[0]
        assert [counts[k][place] for k in "abcd"] == list(expected)
        centre = np.array([median["median_0"][place], median["median_1"][place]])
        points = np.stack([x, y], 1)
        cost = np.linalg.norm(points - centre, axis=1).sum()
        for move in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)):
            assert cost <= np.linalg.norm(points - centre - move, axis=1).sum() + 1e-9


def test_principal_components_of_a_region(rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "count"]).toDouble()
    region = ee.Geometry.Rectangle([500_000, 3_598_800, 501_500, 3_600_000], "EPSG:32646", False)
    found = image.toArray().reduceRegion(
        ee.Reducer.covariance(), region, crs="EPSG:32646", scale=10
    )
    expected = np.cov(rasters["value"].ravel(), rasters["count"].ravel(), bias=True)
    np.testing.assert_allclose(found.getInfo()["array"], expected, rtol=1e-9)
    fit = image.addBands(1).select([2, 0, 1]).reduceRegion(
        ee.Reducer.linearRegression(2, 1), region, crs="EPSG:32646", scale=10
    ).getInfo()  # fmt: skip
    line = stats.linregress(rasters["value"].ravel(), rasters["count"].ravel())
    np.testing.assert_allclose(np.ravel(fit["coefficients"]), [line.intercept, line.slope], 1e-6)


def test_any_window_gives_the_same_pixels(pull, series):
    fit = series.reduce(ee.Reducer.robustLinearRegression(2, 1)).select("coefficients")
    computed = fit.arrayFlatten([["a", "b"], ["y"]]).addBands(
        series.select(["day", "made"]).reduce(ee.Reducer.geometricMedian(2))
    )
    whole = pull(computed)
    part = pull(computed, (13, 53), Affine(10, 0, 500_310, 0, -10, 3_599_830))
    for name in whole:
        np.testing.assert_array_equal(whole[name].data[17:30, 31:84], part[name].data)
