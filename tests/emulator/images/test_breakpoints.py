"""Breakpoints of series, against all partitions tried one by one with numpy's least squares."""

from __future__ import annotations

import itertools

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator.functions.temporal_breakpoints import partition

YEAR = 365.25 * 86_400_000
COUNT = 24
# One image every 37 days.
TIMES = 1_500_000_000_000 + np.arange(COUNT) * 37 * 86_400_000


def _series() -> ee.ImageCollection:
    """Return noisy harmonics with a step where the class is above 2."""
    classes = ee.Image("TEST/IMAGE").select("classes")
    images = []
    for index, time in enumerate(TIMES.tolist()):
        years = time / YEAR
        base = 10 + 0.8 * (years - 48) + 2 * np.cos(2 * np.pi * years)
        step = classes.gt(2).multiply(6 if index >= 13 else 0)
        noise = ee.Image.random(index, "normal").multiply(0.4)
        image = step.add(noise).add(base).rename("a")
        image = image.addBands(image.multiply(-2).add(ee.Image.random(99 + index)).rename("b"))
        images.append(image.set("system:time_start", time))
    return ee.ImageCollection(images)


def _table(order: int) -> np.ndarray:
    years = TIMES / YEAR
    columns = [np.ones(COUNT), years]
    for k in range(1, order + 1):
        columns += [np.cos(2 * np.pi * k * years), np.sin(2 * np.pi * k * years)]
    return np.stack(columns, axis=1)


def _fit(table: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    fit = np.linalg.lstsq(table, y, rcond=None)[0]
    return fit, ((y - table @ fit) ** 2).sum()


def _by_hand(y: np.ndarray, table: np.ndarray, least: int, most: int) -> list[int]:
    """Return the stops of the partition with the least criterion, all of them tried."""
    count, columns = table.shape
    best = None
    for breaks in range(most + 1):
        squares = {}
        for inner in itertools.combinations(range(1, count), breaks):
            stops = [*inner, count]
            starts = [0, *inner]
            if min(b - a for a, b in zip(starts, stops, strict=True)) >= least:
                squares[tuple(stops)] = sum(
                    _fit(table[a:b], y[a:b])[1] for a, b in zip(starts, stops, strict=True)
                )
        if not squares:
            continue
        stops = min(squares, key=squares.get)
        # As in R: BIC of the log likelihood, with a variance for each segment's model.
        likelihood = -count / 2 * (np.log(squares[stops] / count) + 1 + np.log(2 * np.pi))
        bic = -2 * likelihood + np.log(count) * (columns + 1) * (breaks + 1)
        if best is None or bic < best[0]:
            best = bic, list(stops)
    return best[1]


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_partitions_is_found(seed):
    rng = np.random.default_rng(seed)
    table = _table(1)
    steps = np.repeat(rng.normal(0, 4, (3, 4)), 8, axis=0)
    values = steps + rng.normal(0, 0.5, (COUNT, 4)) + (table @ rng.normal(0, 1, 4))[:, None] * 0.1
    found = partition(values, table - [0, table[:, 1].mean(), 0, 0], 5, 2)
    for column, stops in enumerate(found):
        assert stops == _by_hand(values[:, column], table, 5, 2)


@pytest.mark.parametrize("date_format", [1, 2])
def test_segments_of_an_image_series(pull, date_format):
    segments = ee.Algorithms.TemporalSegmentation.StructuralChangeBreakpoints(
        _series(), "a", 1, 6, 2, date_format
    )
    names = segments.bandNames().getInfo()
    assert names == ["tStart", "tEnd", "coefs_a", "rmse_a", "coefs_b", "rmse_b"]
    unit = YEAR if date_format == 1 else 1
    window = (3, 8)
    names = [f"{i}_{band}" for i in range(COUNT) for band in "ab"]
    raw = pull(_series().toBands().rename(names), window)
    table = _table(1)
    series = np.stack([raw[f"{i}_a"].data for i in range(COUNT)], axis=-1)
    stops = {place: _by_hand(series[place], table, 6, 2) for place in np.ndindex(*window)}
    length = pull(segments.select("tStart").arrayLength(0), window)["tStart"]
    expected = np.array([len(stop) for stop in stops.values()]).reshape(window)
    np.testing.assert_array_equal(length, expected)
    assert 1 < expected.mean() < 3
    padded = segments.select(["tStart", "tEnd", "rmse_a", "rmse_b"]).arrayPad([3])
    first = np.array([stop[0] for stop in stops.values()]).reshape(window)
    ends = pull(padded.select("tEnd").arrayGet([0]), window)["tEnd"].data
    np.testing.assert_allclose(ends * unit, TIMES[first - 1], rtol=1e-12)
    starts = pull(padded.select("tStart").arrayGet([1]), window)["tStart"].data
    later = expected > 1
    np.testing.assert_allclose((starts * unit)[later], TIMES[first[later]], rtol=1e-12)
    for row, column in ((0, 0), (1, 4), (2, 7)):
        for band in "ab":
            y = np.array([raw[f"{i}_{band}"].data[row, column] for i in range(COUNT)])
            stop = first[row, column]
            fit, squares = _fit(table[:stop], y[:stop])
            error = pull(padded.select(f"rmse_{band}").arrayGet([0]), window)[f"rmse_{band}"]
            assert error[row, column] == pytest.approx(np.sqrt(squares / stop), rel=1e-6)
            for index in range(4):
                coefficient = segments.select(f"coefs_{band}").arrayGet([0, index])
                found = pull(coefficient, window)[f"coefs_{band}"][row, column]
                scale = YEAR if date_format == 2 and index == 1 else 1
                assert found * scale == pytest.approx(fit[index], rel=1e-6, abs=1e-6)


def test_gaps_leave_out_their_images_and_tiles_do_not_matter(pull):
    gappy = ee.Image("TEST/IMAGE").select("gappy").mask()
    count = ee.Image("TEST/IMAGE").select("count")
    collection = _series().select("a").toList(COUNT)
    images = [ee.Image(collection.get(i)) for i in range(COUNT)]
    images[3] = images[3].updateMask(gappy)
    images[20] = images[20].updateMask(count.gt(100))
    segments = ee.Algorithms.TemporalSegmentation.StructuralChangeBreakpoints(
        ee.ImageCollection(images), None, 1, 0.34
    )
    ends = segments.select("tEnd").arrayReduce(ee.Reducer.max(), [0]).arrayGet([0])
    np.testing.assert_allclose(pull(ends, (12, 15))["tEnd"], TIMES[-1] / YEAR)
    error = segments.select("rmse_a").arrayReduce(ee.Reducer.sum(), [0]).arrayGet([0])
    whole = pull(error, (12, 15))["rmse_a"].data
    corner = Affine(10, 0, 500_000 + 30, 0, -10, 3_600_000 - 50)
    part = pull(error, (6, 9), corner)["rmse_a"].data
    np.testing.assert_array_equal(whole[5:11, 3:12], part)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", 3, 6), "Segments of 6 images are too short for a model of 8 coefficients"),
        ((None, 1, 6), "name one in 'breakpointBand'"),
        (("a", 1, 6, 2, 0), "dateFormat must be 1 or 2"),
        (("a", 1, -1), "minSpacing > 0"),
    ],
)
def test_parameters_that_are_none(arguments, message):
    segments = ee.Algorithms.TemporalSegmentation.StructuralChangeBreakpoints
    with pytest.raises(ee.EEException, match=message):
        segments(_series(), *arguments).bandNames().getInfo()
