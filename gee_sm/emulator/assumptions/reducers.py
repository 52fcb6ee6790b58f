"""What the emulator assumes of reducers."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

REDUCERS = Section(
    "Reducers",
    "`at` and `xy` are explained under images.",
    (
        Assumption(
            "Reducer.percentile",
            "Linear between ranks.",
            "ee.List([1, 2, 3, 4]).reduce(ee.Reducer.percentile([10, 25, 50]))",
            '{"p10": 1.3, "p25": 1.75, "p50": 2.5}',
        ),
        Assumption(
            "Reducer.sum",
            (
                "Of no values the sum of a region, list or column is 0, as users report of masked "
                "regions; other reducers but the counts have no result."
            ),
            (
                "ee.List([ee.List([]).reduce(ee.Reducer.sum()), ee.List([]).reduce("
                "ee.Reducer.product()), ee.List([]).reduce(ee.Reducer.mean())])"
            ),
            "[0, null, null]",
        ),
        Assumption(
            "Reducer.max",
            "Texts have an order too.",
            "ee.List(['a', 'c', 'b']).reduce(ee.Reducer.minMax())",
            '{"max": "c", "min": "a"}',
        ),
        Assumption(
            "Reducer.mode",
            "The smallest on ties.",
            "ee.List([2, 2, 1, 1]).reduce(ee.Reducer.mode())",
            "1",
        ),
        Assumption(
            "Reducer.kurtosis",
            "Population moments, minus 3.",
            "ee.List([1, 2, 3, 5]).reduce(ee.Reducer.kurtosis())",
            "-1.1542857142857144",
        ),
        Assumption(
            "Reducer.skew",
            "Population moments.",
            "ee.List([1, 2, 3, 5]).reduce(ee.Reducer.skew())",
            "0.4346507595746657",
        ),
        Assumption(
            "Reducer.variance",
            "Divides by the number of values.",
            "ee.List([1, 2, 3, 5]).reduce(ee.Reducer.variance())",
            "2.1875",
        ),
        Assumption(
            "Reducer.linearRegression",
            "The residual is the root of the sum of squares over the number of inputs.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 1, 'y': y}) for y in [1, 2, "
                "6]]).reduceColumns(ee.Reducer.linearRegression(1, 1), ['x', 'y'])"
            ),
            '{"coefficients": [[3.0000000000000004]], "residuals": [2.160246899469287]}',
        ),
        Assumption(
            "Reducer.linearRegression",
            "Inputs that depend on each other have no coefficients.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': x, 'y': 2 * x, 'z': 1}) for x "
                "in range(5)]).reduceColumns(ee.Reducer.linearRegression(2, 1), ['x', 'y', "
                "'z'])"
            ),
            '{"coefficients": null, "residuals": null}',
        ),
        Assumption(
            "Reducer.ridgeRegression",
            (
                "The penalty is on variables brought to unit standard deviation; the p value "
                "is that of an F test."
            ),
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': x, 'y': x * x}) for x in "
                "range(4)]).reduceColumns(ee.Reducer.ridgeRegression(1, 1, 1), ['x', 'y'])"
            ),
            (
                '{"coefficients": [[2.4], [-0.09999999999999964]], "pValue": '
                '[0.06104704427685811], "residuals": [1.2041594578792296]}'
            ),
        ),
        Assumption(
            "Reducer.robustLinearRegression",
            ("Without beta: 2.795 times 1.4826 times the median residual of the first fit."),
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 1, 'y': y}) for y in [1, 2, 1, "
                "2, 90]]).reduceColumns(ee.Reducer.robustLinearRegression(1, 1), ['x', 'y'])"
            ),
            '{"coefficients": [[19.199999999999996]], "residuals": [35.40282474605664]}',
        ),
        Assumption(
            "Reducer.covariance",
            "Divides by the number of arrays.",
            ("ee.List([ee.Array([1, 2]), ee.Array([3, 8])]).reduce(ee.Reducer.covariance())"),
            "[[1.0, 3.0], [3.0, 9.0]]",
        ),
        Assumption(
            "Reducer.kendallsCorrelation",
            (
                "The p value is that of the normal approximation, corrected for ties; one "
                "input is taken against its order."
            ),
            (
                "ee.FeatureCollection([ee.Feature(None, {'y': y}) for y in [1, 3, 2, 4, "
                "5]]).reduceColumns(ee.Reducer.kendallsCorrelation(1), ['y'])"
            ),
            '{"p-value": 0.05004352124870513, "tau": 0.8}',
        ),
        Assumption(
            "Reducer.sensSlope",
            "The offset is the median of y less the slope times the median of x.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': x, 'y': x * x}) for x in "
                "range(4)]).reduceColumns(ee.Reducer.sensSlope(), ['x', 'y'])"
            ),
            '{"offset": -2.0, "slope": 3.0}',
        ),
        Assumption(
            "Reducer.histogram",
            (
                "Buckets are as wide as the power of 2 that 256 of them need, at least 1 for "
                "whole numbers."
            ),
            "ee.List([1, 2, 2, 5]).reduce(ee.Reducer.histogram())",
            (
                '{"bucketMeans": [1.0, 2.0, 3.5, 4.5, 5.0], "bucketMin": 1.0, "bucketWidth": '
                '1.0, "histogram": [1.0, 2.0, 0.0, 0.0, 1.0]}'
            ),
        ),
        Assumption(
            "Reducer.geometricMedian",
            "Outputs are median_0, median_1 ...",
            "ee.Reducer.geometricMedian(2).getOutputs()",
            '["median_0", "median_1"]',
        ),
        Assumption(
            "Reducer.mean",
            (
                "Arrays are refused, unless Reducer.forEachElement or Reducer.disaggregate "
                "takes them apart."
            ),
            (
                "ee.List([ee.Array([1, 2]), ee.Array([3, "
                "8])]).reduce(ee.Reducer.mean().forEachElement())"
            ),
            "[2.0, 5.0]",
        ),
    ),
)
