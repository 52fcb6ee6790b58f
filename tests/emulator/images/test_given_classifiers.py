"""Trees as text and regions in a plane, against scikit-learn, geemap's writer and shapely."""

from __future__ import annotations

import ee
import numpy as np
import pytest
import shapely
from geemap import ml
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

NAMES = ["value", "count"]


def _training(rasters) -> tuple[np.ndarray, np.ndarray]:
    # What a tree in text compares with has six decimals: whole values sit on no threshold.
    x = np.stack([np.floor(rasters["value"]), rasters["count"]], axis=-1).astype(float)
    return x.reshape(-1, 2), rasters["classes"].ravel().astype(int)


def _image() -> ee.Image:
    image = ee.Image("TEST/IMAGE")
    return image.select("value").floor().addBands(image.select("count"))


def test_a_tree_of_scikit_learn_written_by_geemap(pull_tiled, rasters):
    x, y = _training(rasters)
    tree = DecisionTreeClassifier(max_depth=4, random_state=3).fit(x, y)
    text = ml.tree_to_string(tree, NAMES, labels=tree.classes_, output_mode="CLASSIFICATION")
    classifier = ee.Classifier.decisionTree(text)
    assert sorted(classifier.schema().getInfo()) == sorted(NAMES)
    found = pull_tiled(_image().classify(classifier, "class"))["class"]
    np.testing.assert_array_equal(found.ravel(), tree.predict(x))


def test_a_regression_tree_of_scikit_learn_written_by_geemap(pull, rasters):
    x, _ = _training(rasters)
    target = rasters["elevation"].ravel()
    tree = DecisionTreeRegressor(max_depth=3, random_state=3).fit(x, target)
    text = ml.tree_to_string(tree, NAMES, output_mode="REGRESSION")
    classifier = ee.Classifier.decisionTree(text).setOutputMode("REGRESSION")
    found = pull(_image().classify(classifier, "height"))["height"]
    np.testing.assert_allclose(found.ravel(), tree.predict(x), atol=1e-6)


def test_a_forest_written_by_geemap_votes(pull, rasters):
    x, y = _training(rasters)
    forest = RandomForestClassifier(5, max_depth=4, random_state=1).fit(x, y)
    texts = [
        ml.tree_to_string(t, NAMES, labels=forest.classes_, output_mode="CLASSIFICATION")
        for t in forest.estimators_
    ]
    image = _image()
    classifier = ml.strings_to_classifier(texts)
    votes = np.stack([forest.classes_[t.predict(x).astype(int)] for t in forest.estimators_])
    counts = np.stack([(votes == c).sum(0) for c in forest.classes_])
    found = pull(image.classify(classifier, "class"))["class"]
    np.testing.assert_array_equal(found.ravel(), forest.classes_[counts.argmax(0)])
    chances = image.classify(classifier.setOutputMode("MULTIPROBABILITY"), "p")
    total = pull(chances.arrayReduce(ee.Reducer.sum(), [0]).arrayGet([0]))["p"]
    np.testing.assert_allclose(total, 1)
    raw = image.classify(classifier.setOutputMode("RAW"), "votes").arraySlice(0, 2, 3).arrayGet([0])
    np.testing.assert_array_equal(pull(raw)["votes"].ravel(), votes[2])


def test_a_forest_of_regressions_is_their_mean(pull, rasters):
    x, _ = _training(rasters)
    target = rasters["elevation"].ravel()
    forest = RandomForestRegressor(4, max_depth=3, random_state=2).fit(x, target)
    texts = [ml.tree_to_string(t, NAMES, output_mode="REGRESSION") for t in forest.estimators_]
    # All trees in one text, as R prints a list of them.
    classifier = ee.Classifier.decisionTreeEnsemble(["\n".join(texts)])
    found = pull(_image().classify(classifier.setOutputMode("REGRESSION"), "height"))["height"]
    np.testing.assert_allclose(found.ravel(), forest.predict(x), atol=1e-6)


def test_a_tree_as_rpart_prints_it():
    text = """n= 90

    node), split, n, loss, yval, (yprob)
          * denotes terminal node

    1) root 90 60 1 (0.33 0.33 0.33)
      2) ndvi< 0.31 50 25 2 (0.1 0.5 0.4)
        4) red>=1.5e-1 30 5 7 (0.0 0.8 0.2) *
        5) red< 1.5e-1 20 5 2 (0.2 0.1 0.7) *
      3) ndvi>=0.31 40 10 1 (0.75 0.0 0.25) *
    """
    rows = [(0.5, 0.1, 1), (0.31, 0.9, 1), (0.30999, 0.15, 7), (-1, 0.1499, 2)]
    features = ee.FeatureCollection([ee.Feature(None, {"ndvi": n, "red": r}) for n, r, _ in rows])
    found = features.classify(ee.Classifier.decisionTree(text)).aggregate_array("classification")
    assert found.getInfo() == [expected for _, _, expected in rows]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "There is no tree in the text"),
        ("2) a< 1 5 2 1 *", "The tree has no root before"),
        ("1) root 5 2 1\n2) a< 1 5 2", "lacks count, deviance and value"),
        ("1) root 5 2 1\n2) a< 1 5 2 1 *", "Node 1 has one child"),
        ("1) root 5 2 1\n6) a< 1 5 2 1 *", "Node 6 has no parent 3"),
        ("1) root 5 2 1\n1) root 5 2 1", "The text holds 2 trees"),
        ("1) root 5 2 1\n2) a b 5 2 1 *", "is no node of a tree"),
    ],
)
def test_texts_that_are_no_trees(text, message):
    with pytest.raises(ee.EEException, match=message):
        ee.Classifier.decisionTree(text).schema().getInfo()


def test_a_tree_cannot_be_trained():
    points = ee.FeatureCollection([ee.Feature(None, {"a": 1, "c": 0})])
    tree = ee.Classifier.decisionTree("1) root 5 2 1 *")
    with pytest.raises(ee.EEException, match="decisionTree cannot be trained"):
        tree.train(points, "c", ["a"]).schema().getInfo()
    with pytest.raises(ee.EEException, match="The classifier has not been trained"):
        tree.confusionMatrix().getInfo()
    assert tree.explain().getInfo()["numberOfTrees"] == 1


def test_a_region_of_the_plane_with_a_hole(pull_tiled, rasters):
    outer = [[30.2, 10.5], [70.1, 20.5], [55.3, 180.5], [45.4, 60.5], [25.6, 150.5]]
    hole = [[48.1, 30.5], [56.2, 31.5], [54.3, 55.5]]
    rings = [[number for point in ring for number in point] for ring in (outer, hole)]
    classifier = ee.Classifier.spectralRegion(rings, NAMES)
    image = ee.Image("TEST/IMAGE").select(NAMES)
    found = pull_tiled(image.classify(classifier, "inside"))["inside"]
    region = shapely.Polygon(outer).difference(shapely.Polygon(hole))
    expected = shapely.contains_xy(region, rasters["value"], rasters["count"])
    assert 500 < expected.sum() < expected.size
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("rings", "schema", "message"),
    [
        ([[0, 0, 1, 1]], None, "at least three points, got 4 numbers"),
        ([[0, 0, 1, 1, 0, 1]], ["a"], "schema must have 2 names"),
    ],
)
def test_regions_that_are_none(rings, schema, message):
    with pytest.raises(ee.EEException, match=message):
        ee.Classifier.spectralRegion(rings, schema).schema().getInfo()


@pytest.mark.parametrize("name", ["cart", "naiveBayes", "gmoMaxEnt", "pegasosLinear"])
def test_removed_classifiers_say_so(name):
    with pytest.raises(
        ee.EEException, match=f"Classifier.{name}: This classifier has been removed"
    ):
        getattr(ee.Classifier, name)().schema().getInfo()
