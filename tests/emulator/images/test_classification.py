"""Classifiers, clusterers and samples, against scikit-learn and numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from affine import Affine
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

RNG = np.random.default_rng(3)
CENTRES = np.array([[20.0, 40], [60, 150], [90, 60]])
LABELS = np.repeat([1, 2, 5], 30)
POINTS = np.round(np.abs(np.repeat(CENTRES, 30, axis=0) + RNG.normal(0, 12, (90, 2))), 1)


@pytest.fixture
def training():
    return ee.FeatureCollection(
        [
            ee.Feature(None, {"value": float(a), "count": float(b), "class": int(c)})
            for (a, b), c in zip(POINTS, LABELS, strict=True)
        ]
    )


@pytest.fixture
def image():
    return ee.Image("TEST/IMAGE").select(["value", "count"])


@pytest.fixture
def rows(rasters):
    return np.stack([rasters["value"].ravel(), rasters["count"].ravel()], 1).astype(float)


def trained(classifier, training):
    return classifier.train(training, "class", ["value", "count"])


def peers():
    return {
        "forest": (
            lambda: ee.Classifier.smileRandomForest(12, seed=4),
            RandomForestClassifier(12, max_features=2, max_samples=0.5, random_state=4),
        ),
        "cart": (lambda: ee.Classifier.smileCart(), DecisionTreeClassifier(random_state=0)),
        "svm": (
            lambda: ee.Classifier.libsvm(kernelType="RBF", gamma=0.01, cost=10),
            SVC(kernel="rbf", gamma=0.01, C=10),
        ),
        "bayes": (lambda: ee.Classifier.smileNaiveBayes(1), MultinomialNB(alpha=1)),
        "distance": (lambda: ee.Classifier.minimumDistance(), NearestCentroid()),
    }


@pytest.mark.parametrize("name", list(peers()))
def test_pixels_and_features_are_classified_as_the_peer_does(pull, image, training, rows, name):
    make, peer = peers()[name]
    classifier = trained(make(), training)
    expected = peer.fit(POINTS, LABELS).predict(rows)
    found = pull(image.classify(classifier))["classification"]
    np.testing.assert_array_equal(found.data.ravel(), expected)
    table = training.classify(classifier, "guess").aggregate_array("guess").getInfo()
    np.testing.assert_array_equal(table, peer.predict(POINTS))
    part = pull(image.classify(classifier), (13, 53), Affine(10, 0, 500_310, 0, -10, 3_599_830))
    np.testing.assert_array_equal(part["classification"].data, found.data[17:30, 31:84])


def test_nearest_neighbours_by_hand(pull, image, training, rows):
    found = pull(image.classify(trained(ee.Classifier.smileKNN(3), training)))["classification"]
    distance = np.linalg.norm(rows[:, None] - POINTS[None], axis=2)
    nearest = LABELS[np.argsort(distance, axis=1, kind="stable")[:, :3]]
    votes = np.stack([(nearest == c).sum(1) for c in (1, 2, 5)], 1)
    sure = votes.max(1) > 1
    np.testing.assert_array_equal(
        found.data.ravel()[sure], np.array([1, 2, 5])[votes.argmax(1)][sure]
    )


def test_chances_votes_and_values(pull, image, training, rows):
    forest = trained(ee.Classifier.smileRandomForest(12, seed=4), training)
    peer = RandomForestClassifier(12, max_features=2, max_samples=0.5, random_state=4)
    chances = peer.fit(POINTS, LABELS).predict_proba(rows)
    flat = image.classify(forest.setOutputMode("MULTIPROBABILITY"))
    found = pull(flat.arrayFlatten([["a", "b", "c"]]))
    np.testing.assert_array_equal(np.stack([found[k].data.ravel() for k in "abc"], 1), chances)
    best = pull(image.classify(forest.setOutputMode("PROBABILITY")))["classification"]
    np.testing.assert_array_equal(best.data.ravel(), chances.max(1))
    raw = image.classify(forest.setOutputMode("RAW"))
    share = pull(raw.eq(2).arrayReduce(ee.Reducer.mean(), [0]).arrayGet(0))["classification"]
    assert np.corrcoef(share.data.ravel(), chances[:, 1])[0, 1] > 0.99
    value = pull(image.classify(forest.setOutputMode("REGRESSION")))["classification"]
    peer = RandomForestRegressor(12, max_features=2, max_samples=0.5, random_state=4)
    np.testing.assert_allclose(
        value.data.ravel(), peer.fit(POINTS, LABELS.astype(float)).predict(rows), rtol=1e-12
    )
    whole = trained(ee.Classifier.smileRandomForest(5, bagFraction=1), training)
    assert whole.confusionMatrix().accuracy().getInfo() > 0.95
    two = training.filter(ee.Filter.inList("class", [1, 5]))
    positive = trained(ee.Classifier.smileRandomForest(12), two).setOutputMode("PROBABILITY")
    guess = two.classify(positive).aggregate_array("classification").getInfo()
    assert np.mean(guess[:30]) < 0.1
    assert np.mean(guess[30:]) > 0.9


def test_other_learners_learn(training):
    for classifier in (
        ee.Classifier.smileGradientTreeBoost(20, shrinkage=0.2, maxNodes=4),
        ee.Classifier.libsvm(svmType="NU_SVC", nu=0.2),
        ee.Classifier.libsvm(kernelType="RBF", gamma=0.01).setOutputMode("PROBABILITY"),
        ee.Classifier.minimumDistance("mahalanobis"),
        ee.Classifier.minimumDistance("manhattan"),
        ee.Classifier.smileKNN(5, "LINEAR_SEARCH", "MANHATTAN"),
    ):
        learned = trained(classifier, training)
        assert learned.confusionMatrix().accuracy().getInfo() > 0.93
        guess = training.classify(learned).aggregate_array("classification").getInfo()
        if learned.mode().getInfo() == "PROBABILITY":
            assert np.mean(guess) > 0.7
    values = ee.Classifier.libsvm(svmType="EPSILON_SVR", cost=10)
    assert values.mode().getInfo() == "REGRESSION"
    predicted = training.classify(values.train(training, "count", ["value"]), "y")
    assert np.isfinite(predicted.aggregate_array("y").getInfo()).all()
    one = ee.Classifier.libsvm(svmType="ONE_CLASS", kernelType="RBF", gamma=0.002, oneClass=1)
    table = training.map(lambda f: f.set("one", ee.Number(f.get("class")).eq(1)))
    inside = table.classify(one.train(table, "one", ["value", "count"]), "y")
    guess = np.array(inside.aggregate_array("y").getInfo())
    assert guess[:30].mean() > 0.3
    assert guess[30:].max() == 0


def test_what_a_classifier_tells(training):
    forest = ee.Classifier.smileRandomForest(12)
    assert forest.schema().getInfo() is None
    forest = trained(forest, training)
    assert forest.schema().getInfo() == ["value", "count"]
    assert forest.mode().getInfo() == "CLASSIFICATION"
    told = forest.explain().getInfo()
    assert told["numberOfTrees"] == 12
    assert told["classes"] == [1, 2, 5]
    assert sorted(told["importance"]) == ["count", "value"]
    guess = training.classify(forest, "guess").errorMatrix("class", "guess").getInfo()
    assert guess == forest.confusionMatrix().getInfo()


def test_training_on_a_sample_takes_its_bands(pull, image, rasters):
    middle = float(np.median(rasters["value"][:30, :30]))
    labelled = image.addBands(image.select("value").gt(middle).rename("class"))
    region = ee.Geometry.Rectangle([500_000, 3_599_700, 500_300, 3_600_000], "EPSG:32646", False)
    sample = labelled.sample(region, 10)
    tree = ee.Classifier.smileCart().train(sample, "class")
    assert tree.schema().getInfo() == ["value", "count"]
    found = pull(image.classify(tree, "high"))["high"]
    truth = pull(labelled)["class"]
    assert (found.data == truth.data).mean() > 0.99


def test_masked_inputs_are_masked(pull, rasters, training):
    image = ee.Image("TEST/IMAGE").select(["value", "gappy"], ["value", "count"])
    found = pull(image.classify(trained(ee.Classifier.smileCart(), training)))["classification"]
    assert (np.ma.getmaskarray(found) == np.isnan(rasters["gappy"])).all()


def test_clusters_are_the_heaps(pull, image, training):
    for options in ({"init": 1}, {"init": 1, "distanceFunction": "Manhattan"}, {"init": 0}):
        clusterer = ee.Clusterer.wekaKMeans(3, **options).train(training, ["value", "count"])
        found = np.array(training.cluster(clusterer).aggregate_array("cluster").getInfo())
        for label in (1, 2, 5):
            counts = np.bincount(found[label == LABELS], minlength=3)
            assert counts.max() >= 27
    pixels = pull(image.cluster(clusterer))["cluster"]
    assert set(np.unique(pixels.data)) == {0, 1, 2}


def test_stratified_samples(rasters):
    image = ee.Image("TEST/IMAGE").select(["classes", "value", "gappy"])
    arguments = {"classBand": "classes", "scale": 10, "classValues": [2, 4], "classPoints": [0, 9]}
    found = image.stratifiedSample(5, **arguments)
    counts = found.aggregate_histogram("classes").getInfo()
    assert counts == {"0": 5, "1": 5, "3": 5, "4": 9}
    again = image.stratifiedSample(5, **{**arguments, "classPoints": [3, 9]})
    threes = ee.Filter.eq("classes", 3)
    assert (
        found.filter(threes).aggregate_array("value").getInfo()
        == again.filter(threes).aggregate_array("value").getInfo()
    )
    other = image.stratifiedSample(5, **arguments, seed=1)
    assert other.aggregate_array("value").getInfo() != found.aggregate_array("value").getInfo()
    everything = image.stratifiedSample(10**6, "classes", scale=10, dropNulls=False)
    assert everything.size().getInfo() == 120 * 150
    valid = image.stratifiedSample(10**6, "classes", scale=10)
    assert valid.size().getInfo() == np.isfinite(rasters["gappy"]).sum()
    with pytest.raises(ee.EEException, match="integer typed"):
        image.stratifiedSample(5, "value", scale=10).getInfo()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t: t.classify(ee.Classifier.smileCart()), "has not been trained"),
        (lambda t: trained(ee.Classifier.smileKNN().setOutputMode("RAW"), t), "no output mode RAW"),
        (lambda t: t.classify(ee.Classifier.smileCart().train(t, "class")), "band_order"),
        (
            lambda t: t.classify(ee.Classifier.smileCart().train(t, "class", ["nothing"])),
            "'nothing' of feature",
        ),
        (
            lambda t: t.classify(ee.Classifier.smileCart().train(t.limit(9), "class", ["value"])),
            "Only one class",
        ),
        (lambda t: trained(ee.Classifier.libsvm(kernelType="FANCY"), t), "kernel must be one of"),
    ],
)
def test_errors_say_what_is_wrong(training, make, message):
    with pytest.raises(ee.EEException, match=message):
        make(training).getInfo()
