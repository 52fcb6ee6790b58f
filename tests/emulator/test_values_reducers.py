"""Reducers of lists and columns against numpy and scipy, and of nothing at all."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gee_sm.emulator.registry import implementations

NUMBERS = st.lists(
    st.integers(-9, 9) | st.floats(-9, 9).map(lambda v: round(v, 3)), min_size=1, max_size=12
)
PAIRS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=12)
EMPTY = {
    "ee.Reducer.sum()": 0,
    "ee.Reducer.count()": 0,
    "ee.Reducer.countDistinct()": 0,
    "ee.Reducer.toList()": [],
    "ee.Reducer.frequencyHistogram()": {},
    "ee.Reducer.mean()": None,
    "ee.Reducer.first()": None,
    "ee.Reducer.intervalMean(10, 90)": None,
    "ee.Reducer.max(2)": {"max": None, "max1": None},
    "ee.Reducer.percentile([10])": None,
    "ee.Reducer.linearFit()": {"offset": None, "scale": None},
    "ee.Reducer.linearRegression(1, 1)": {"coefficients": None, "residuals": None},
    "ee.Reducer.geometricMedian(2)": {"median_0": None, "median_1": None},
}


def reducer(name, **arguments):
    return implementations()[f"Reducer.{name}"].function(**arguments)


def column(made, *columns, weights=None):
    found = made.apply_columns([list(c) for c in columns], weights)
    return list(found.values())


@pytest.mark.parametrize(("text", "expected"), EMPTY.items())
def test_reducers_of_nothing(run, earth_engine, text, expected):
    assert run(ee.List([]).reduce(eval(text, {"ee": ee}))) == expected


@given(NUMBERS)
def test_moments_and_ranks(values):
    a = np.array(values, float)
    for name, expected in {
        "sum": a.sum(), "mean": a.mean(), "variance": a.var(), "stdDev": a.std(),
        "product": a.prod(), "count": len(a), "minMax": (a.min(), a.max()),
    }.items():  # fmt: skip
        assert column(reducer(name), values) == pytest.approx(np.ravel(expected).tolist())
    made = reducer(
        "percentile", percentiles=[0, 33, 50, 77.5, 100], outputNames=None,
        maxBuckets=None, minBucketWidth=None, maxRaw=None,
    )  # fmt: skip
    assert made.outputs == ("p0", "p33", "p50", "p77.5", "p100")
    assert column(made, values) == pytest.approx(np.percentile(a, [0, 33, 50, 77.5, 100]).tolist())


@settings(max_examples=50)
@given(PAIRS)
def test_correlations_and_lines(pairs):
    x, y = np.array(pairs, float).T
    if len(set(x)) < 2 or len(set(y)) < 2:
        return
    lists = (x.tolist(), y.tolist())
    line = stats.linregress(x, y)
    assert column(reducer("linearFit"), *lists) == pytest.approx([line.slope, line.intercept])
    for name, arguments, expected in (
        ("pearsonsCorrelation", {}, stats.pearsonr(x, y)),
        ("spearmansCorrelation", {}, stats.spearmanr(x, y)),
        ("kendallsCorrelation", {"numInputs": 2}, stats.kendalltau(x, y, method="asymptotic")),
    ):
        found = column(reducer(name, **arguments), *lists)
        assert found == pytest.approx([expected[0], expected[1]], abs=1e-6)
    slope = stats.theilslopes(y, x)
    assert column(reducer("sensSlope"), *lists) == pytest.approx([slope[0], slope[1]])


@given(NUMBERS, st.data())
def test_weighted_means_are_numpys(values, data):
    some = st.lists(st.floats(0.01, 1), min_size=len(values), max_size=len(values))
    weights = data.draw(some)
    (found,) = column(reducer("mean"), values, weights=weights)
    assert found == pytest.approx(np.average(values, weights=weights), abs=1e-9)
    (variance,) = column(reducer("variance"), values, weights=weights)
    expected = np.cov(values, aweights=weights, ddof=0) if len(values) > 1 else 0
    assert variance == pytest.approx(float(expected), abs=1e-9)


def test_texts_and_numbers(run, message, earth_engine):
    texts = ee.List(["b", "a", None, "c"])
    assert run(texts.reduce(ee.Reducer.min())) == "a"
    assert run(texts.reduce(ee.Reducer.max().setOutputs(["z"]))) == "c"
    assert run(ee.List([1, 2.5, 1e21]).reduce(ee.Reducer.frequencyHistogram())) == {
        "1": 1, "2.5": 1, "1.0E21": 1,
    }  # fmt: skip
    assert "Cannot reduce a value of type Array" in message(
        ee.List([ee.Array([1])]).reduce(ee.Reducer.mean())
    )


# Arguments that once stopped the emulator or a computation with a fault of Python's.
REFUSED = {
    "ee.Reducer.max(2 ** 62)": "The number of inputs must lie between 1 and 10000",
    "ee.Reducer.geometricMedian(2 ** 31)": "The number of inputs must lie between",
    "ee.Reducer.mean().repeat(2 ** 40)": "The number of inputs must lie between",
    "ee.Reducer.percentile([101])": "Percentiles must lie between 0 and 100, got 101",
    "ee.Reducer.percentile([50], ['a', 'b'])": "Expected a name for each of the 1 percentiles",
    "ee.Reducer.intervalMean(-1, 50)": "Percentiles must lie between 0 and 100, got -1",
    "ee.Reducer.mean().group(5)": "one of the 2 inputs, counted from 0, got 5",
    "ee.Reducer.fixedHistogram(0, 1, 2 ** 40)": "Expected 1 to 1048576 steps",
    "ee.Reducer.fixed2DHistogram(0, 1, 2000, 0, 1, 2000)": "not 4000000",
    "ee.Reducer.histogram(2 ** 60)": "A histogram may have 1048576 buckets",
    "ee.Reducer.autoHistogram(minBucketWidth=float('nan'))": "width of a bucket must be positive",
    "ee.Reducer.histogram().combine(ee.Reducer.mean(), '', True)": "Cannot reduce a value of type",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFUSED.items())
def test_what_cannot_be_is_refused_in_words(message, earth_engine, text, expected):
    assert expected in message(ee.List(["x"]).reduce(eval(text, {"ee": ee, "float": float})))
