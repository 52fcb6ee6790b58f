"""Directed distances, medial axes and cheapest ways, against brute force, analysis and scipy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy import ndimage
from scipy.sparse import lil_array
from scipy.sparse.csgraph import dijkstra


def _column_and_row() -> tuple[ee.Image, ee.Image]:
    """Return the column and row of each pixel of the stored rasters."""
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).floor()
    return place.select("x").subtract(50_000), place.select("y").multiply(-1).add(359_999)


def _classes() -> ee.Image:
    return ee.Image("TEST/IMAGE").select("classes")


def test_distances_in_one_direction(pull_tiled, rasters):
    image = _classes().eq(4).rename("hit").addBands(ee.Image("TEST/IMAGE").select("count"))
    hit = rasters["classes"] == 4
    for angle, (dx, dy) in ((0, (1, 0)), (90, (0, -1)), (225, (-1, 1))):
        found = pull_tiled(image.directionalDistanceTransform(angle, 6, "hit"))
        assert list(found) == ["distance", "count"]
        longest = int(6 / np.hypot(dx, dy) + 1e-9)
        for row, column in ((30, 30), (64, 71), (100, 20), (5, 140)):
            expected = None
            for step in range(longest + 1):
                y, x = row + step * dy, column + step * dx
                if 0 <= y < 120 and 0 <= x < 150 and hit[y, x]:
                    expected = step * np.hypot(dx, dy), rasters["count"][y, x]
                    break
            for name, value in zip(found, expected or (None, None), strict=True):
                given = found[name][row, column]
                assert (given is np.ma.masked) if value is None else given == pytest.approx(value)


def test_a_slanted_direction_meets_the_pixels_along_it(pull):
    x, y = _column_and_row()
    # Up by one every two columns: the ray of atan(1/2) from (0, 10) passes (8, 6).
    target = x.eq(8).And(y.eq(6))
    angle = float(np.degrees(np.arctan(0.5)))
    found = pull(target.directionalDistanceTransform(angle, 12), (20, 20))["distance"]
    assert found[10, 0] == pytest.approx(np.hypot(8, 4))
    assert found[6, 8] == 0
    assert np.ma.getmaskarray(found)[0, 0]


def test_reverse_distances_are_the_highest_parabola(pull_tiled, rasters):
    seeds = ee.Image("TEST/IMAGE").select("count").mod(40)
    image = seeds.where(_classes().neq(1), 0)
    found = pull_tiled(image.rsedTransform(6))["distance"].data
    height = np.where(rasters["classes"] == 1, rasters["count"] % 40, 0).astype(float)
    padded = np.pad(height, 6)
    expected = np.max(
        [
            padded[6 + dy : 126 + dy, 6 + dx : 156 + dx] - dx * dx - dy * dy
            for dy in range(-6, 7)
            for dx in range(-6, 7)
        ],
        axis=0,
    )
    np.testing.assert_array_equal(found, expected)


def _blobs() -> tuple[ee.Image, np.ndarray]:
    """Return an image that is 0 in discs and 1 around them, and the same as an array."""
    rows, columns = np.indices((120, 150))
    x, y = _column_and_row()
    inside, wanted = ee.Image(0), np.zeros((120, 150), bool)
    for column, row, radius in ((30, 40, 9), (41, 44, 6), (100, 60, 11), (75, 90, 5)):
        disc = x.subtract(column).pow(2).add(y.subtract(row).pow(2)).lte(radius**2)
        inside = inside.Or(disc)
        wanted |= (columns - column) ** 2 + (rows - row) ** 2 <= radius**2
    return inside.Not(), wanted


def test_the_medial_axis_by_brute_force(pull_tiled):
    image, inside = _blobs()
    found = {name: values.data for name, values in pull_tiled(image.medialAxis(14)).items()}
    assert list(found) == ["medial", "coverage", "xlabel", "ylabel"]
    outside = np.argwhere(~inside)
    places = np.argwhere(inside)
    squared = np.array([((outside - place) ** 2).sum(1).min() for place in places])
    power = squared[None, :] - ((places[:, None, :] - places[None, :, :]) ** 2).sum(2)
    owner = places + np.stack([found["ylabel"][inside], found["xlabel"][inside]], axis=1)
    index = {tuple(place): number for number, place in enumerate(places.tolist())}
    chosen = np.array([index[tuple(place)] for place in owner.astype(int).tolist()])
    # The owner's parabola is the highest over each pixel; coverage counts whom an owner serves.
    np.testing.assert_array_equal(power[np.arange(len(places)), chosen], power.max(1))
    np.testing.assert_array_equal(
        found["coverage"][inside], np.bincount(chosen, minlength=len(places))
    )
    on_axis = found["coverage"][inside] > 0
    expected = np.where(on_axis, np.sqrt(squared), 0)
    np.testing.assert_allclose(found["medial"][inside], expected, rtol=1e-6)
    # Parabolas over the axis alone rebuild every disc: that is what a medial axis is for.
    rebuilt = np.max(power[:, on_axis], axis=1)
    assert (rebuilt > 0).all()
    for name in found:
        assert (found[name][~inside] == 0).all()


def _source_at(row: int, column: int) -> ee.Image:
    x, y = _column_and_row()
    return x.eq(column).And(y.eq(row)).rename("source")


def test_even_ground_costs_the_octile_distance(pull_tiled):
    cost = ee.Image(2.0).cumulativeCost(_source_at(60, 70), 500, False)
    (found,) = pull_tiled(cost).values()
    rows, columns = np.indices((120, 150))
    down, across = abs(rows - 60), abs(columns - 70)
    octile = np.maximum(down, across) + (np.sqrt(2) - 1) * np.minimum(down, across)
    near = np.hypot(down, across) <= 50
    np.testing.assert_array_equal(np.ma.getmaskarray(found), ~near)
    np.testing.assert_allclose(found.data[near], 20 * octile[near], rtol=1e-12, atol=1e-9)


def test_cheapest_ways_round_barriers_as_scipy(pull_tiled, rasters):
    window = np.s_[20:60, 30:80]
    classes = rasters["classes"][window].astype(float)
    x, y = _column_and_row()
    inside = x.gte(30).And(x.lt(80)).And(y.gte(20)).And(y.lt(60))
    ground = _classes().updateMask(_classes().neq(3).And(inside))
    found = pull_tiled(ground.cumulativeCost(_source_at(40, 55), 2000, False))["cumulative_cost"]
    height, width = classes.shape
    graph = lil_array((classes.size,) * 2)
    for row in range(height):
        for column in range(width):
            for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
                y, x = row + dy, column + dx
                if not (y < height and 0 <= x < width):
                    continue
                pair = classes[row, column], classes[y, x]
                if 3 not in pair:
                    step = 10 * np.hypot(dx, dy) * sum(pair) / 2
                    graph[row * width + column, y * width + x] = max(step, 1e-300)
    start = 20 * width + 25
    assert classes.ravel()[start] != 3, "choose another source"
    total = dijkstra(graph.tocsr(), directed=False, indices=start).reshape(height, width)
    reached = np.isfinite(total)
    np.testing.assert_array_equal(~np.ma.getmaskarray(found)[window], reached)
    np.testing.assert_allclose(found.data[window][reached], total[reached], rtol=1e-12, atol=1e-9)


def test_ways_on_the_sphere_are_longer_than_their_degrees_say(pull):
    from affine import Affine

    place = ee.Image.pixelLonLat()
    source = place.select("longitude").lt(10.001).And(place.select("latitude").gt(59.999))
    grid = Affine(0.001, 0, 10, 0, -0.001, 60)
    found = pull(ee.Image(1).cumulativeCost(source, 2000), (3, 3), grid, "EPSG:4326")
    (values,) = found.values()
    degree = np.pi / 180 * 6_378_137
    assert values[0, 0] == 0
    assert values[1, 0] == pytest.approx(0.001 * degree, rel=1e-9)
    assert values[0, 2] == pytest.approx(0.002 * degree * np.cos(np.radians(59.9995)), rel=1e-6)


def test_further_bands_decide_between_equal_ways(pull):
    upper = _column_and_row()[1].lt(60)
    costs = ee.Image([1, 0]).rename(["first", "second"]).toDouble()
    costs = costs.addBands(upper.rename("second").toDouble(), overwrite=True)
    found = pull(costs.cumulativeCost(_source_at(60, 20), 150, False))
    # From (60, 20) straight to (60, 30): rows from 60 on cost nothing of the second band.
    assert found["first"][60, 30] == pytest.approx(100)
    assert found["second"][60, 30] == 0
    # Ten up needs ten steps whose second cost is 1, but for half of the first.
    assert found["second"][50, 20] == pytest.approx(95)


def test_too_long_a_way_is_refused():
    image = ee.Image(1).cumulativeCost(_source_at(0, 0), 20_000)
    with pytest.raises(ee.EEException, match="is 2000 pixels; at most 1000 are searched"):
        image.reduceRegion(
            ee.Reducer.first(), ee.Geometry.Point([93, 32.5]), 10, "EPSG:32646"
        ).getInfo()


@pytest.mark.parametrize("radius", [3, 12])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_distances_under_a_kernel_as_scipy(pull_tiled, rasters, metric, radius):
    near = rasters["count"] > 196
    image = ee.Image("TEST/IMAGE").select("count").gt(196)
    found = pull_tiled(image.distance(getattr(ee.Kernel, metric)(radius)))["count"]
    chessboard = ndimage.distance_transform_cdt(~near, "chessboard")
    np.testing.assert_array_equal(np.ma.getmaskarray(found), chessboard > radius)
    if metric == "euclidean":
        expected = ndimage.distance_transform_edt(~near)
    else:
        kind = {"manhattan": "taxicab", "chebyshev": "chessboard"}[metric]
        expected = ndimage.distance_transform_cdt(~near, kind)
    # In the corners of the kernel a nearer pixel may lie outside of it.
    inside = expected <= radius
    np.testing.assert_allclose(found[inside], expected[inside], rtol=1e-12)


def test_distances_under_any_kernel_are_the_least_weight_that_is_met(pull_tiled, rasters):
    weights = np.random.default_rng(6).uniform(1, 9, (4, 5)).round(2)
    weights[1, 2], weights[3, 0] = 0, 0
    near = np.pad(rasters["count"] > 180, 5)
    image = ee.Image("TEST/IMAGE").select("count").gt(180)
    kernel = ee.Kernel.fixed(5, 4, weights.tolist(), 2, 1)
    found = pull_tiled(image.distance(kernel))["count"]
    expected = np.where(near[5:-5, 5:-5], 0, np.inf)
    for row, column in np.argwhere(weights):
        hit = near[4 + row : 124 + row, 3 + column : 153 + column]
        expected = np.where(hit, np.minimum(expected, weights[row, column]), expected)
    np.testing.assert_array_equal(found.filled(np.inf), expected)


def test_masked_pixels_have_distances_if_asked_for(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("count").gt(196).selfMask()
    assert (~np.ma.getmaskarray(pull(image.distance(None, False))["count"])).sum() > (
        rasters["count"] > 196
    ).sum()
    only = pull(image.distance())["count"]
    assert (only.compressed() == 0).all()
