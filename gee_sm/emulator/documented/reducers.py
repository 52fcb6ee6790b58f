"""Documented outputs of reducers."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

ROWS = "ee.Array([[1, 0, 3], [1, 2, 3]])"

REDUCERS = (
    *outputs("Reducer.count", "apidocs/ee-reducer-count", {
        "ee.List([]).reduce(ee.Reducer.count())": "0",
        "ee.List([0]).reduce(ee.Reducer.count())": "1",
        "ee.List([-1]).reduce(ee.Reducer.count())": "1",
        "ee.List([1, None, 3]).reduce(ee.Reducer.count())": "2",
        "ee.List([1, '', 3]).reduce(ee.Reducer.count())": "3",
        "ee.Array([1, 0, 3]).reduce(ee.Reducer.count(), [0])": "[3]",
        f"{ROWS}.reduce(ee.Reducer.count(), [0])": "[[2, 2, 2]]",
        f"{ROWS}.reduce(ee.Reducer.count(), [1])": "[[3], [3]]",
        f"{ROWS}.reduce(ee.Reducer.count(), [1, 0])": "[[6]]",
    }),
    *outputs("Reducer.minMax", "apidocs/ee-reducer-minmax", {
        "ee.List([1, 2, 3, 4]).reduce(ee.Reducer.minMax())": '{"max": 4, "min": 1}',
        "ee.Array([[1], [2], [3], [4]]).reduce(ee.Reducer.minMax(), [0], 1)": "[[1, 4]]",
    }),
    # What the descriptions of the reducers and the guides say of names.
    *outputs("Reducer.combine", "guides/reducers_intro", {
        "ee.Image(1).reduceRegion(ee.Reducer.mean().combine(ee.Reducer.stdDev(), '', True), "
        "ee.Geometry.Rectangle(0, 0, 1, 1), 10000)": (
            '{"constant_mean": 1, "constant_stdDev": 0}'
        ),
    }, source="stated"),
    *outputs("Reducer.linearRegression", "apidocs/ee-reducer-linearregression", {
        "ee.List([[1, 2]]).reduce(ee.Reducer.linearRegression(1))": (
            '{"coefficients": null, "residuals": null}'
        ),
    }, source="stated"),
    *outputs("Reducer.ridgeRegression", "apidocs/ee-reducer-ridgeregression", {
        "ee.List([[1, 2]]).reduce(ee.Reducer.ridgeRegression(1))": (
            '{"coefficients": null, "pValue": null, "residuals": null}'
        ),
    }, source="stated"),
    *outputs("Reducer.forEachElement", "apidocs/ee-reducer-foreachelement", {
        "ee.List([ee.Array([[1, 2], [3, 4]])] * 5).reduce(ee.Reducer.sum().forEachElement())": (
            "[[5, 10], [15, 20]]"
        ),
    }, source="stated"),
    *outputs("Reducer.toList", "apidocs/ee-reducer-tolist", {
        "ee.List([3, 1, 2]).reduce(ee.Reducer.toList())": "[3, 1, 2]",
    }, source="stated"),
    *outputs("Reducer.percentile", "apidocs/ee-reducer-percentile", {
        "ee.Reducer.percentile([0, 50, 100]).getOutputs()": '["p0", "p50", "p100"]',
    }, source="stated"),
)  # fmt: skip
