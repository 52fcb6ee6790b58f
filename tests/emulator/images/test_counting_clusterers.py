"""Clusterers that find the number of clusters, against scikit-learn."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score

from gee_sm.emulator.functions.clusterer_counting import separation


def _blobs(centers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return make_blobs(240, 2, centers=centers, cluster_std=0.3, random_state=seed)


def _clustered(clusterer: ee.Clusterer, rows: np.ndarray) -> np.ndarray:
    features = ee.FeatureCollection([ee.Feature(None, {"a": a, "b": b}) for a, b in rows.tolist()])
    trained = clusterer.train(features, ["a", "b"])
    return np.array(features.cluster(trained, "c").aggregate_array("c").getInfo())


@pytest.mark.parametrize(("centers", "seed"), [(3, 4), (5, 8)])
@pytest.mark.parametrize("metric", ["Euclidean", "Manhattan"])
def test_a_cascade_takes_the_number_that_separates_best(centers, seed, metric):
    rows, truth = _blobs(centers, seed)
    found = _clustered(ee.Clusterer.wekaCascadeKMeans(2, 7, 10, False, True, metric), rows)
    scaled = (rows - rows.min(0)) / np.ptp(rows, axis=0)
    ratios = {
        k: calinski_harabasz_score(scaled, KMeans(k, n_init=10, random_state=0).fit_predict(scaled))
        for k in range(2, 8)
    }
    assert len(np.unique(found)) == max(ratios, key=ratios.get) == centers
    assert adjusted_rand_score(truth, found) == pytest.approx(1)


def test_the_separation_is_scikit_learns():
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(50, 3)), rng.integers(0, 4, 50)
    assert separation(rows, labels) == pytest.approx(calinski_harabasz_score(rows, labels))


@pytest.mark.parametrize("metric", ["Euclidean", "Manhattan", "Chebyshev"])
def test_x_means_splits_until_it_is_not_worth_it(metric):
    rows, truth = _blobs(4, 2)
    clusterer = ee.Clusterer.wekaXMeans(2, 8, 5, distanceFunction=metric)
    assert adjusted_rand_score(truth, _clustered(clusterer, rows)) == pytest.approx(1)


def test_x_means_keeps_to_its_limits():
    rows, _ = _blobs(6, 5)
    assert len(np.unique(_clustered(ee.Clusterer.wekaXMeans(2, 3, 5), rows))) == 3
    one, _ = _blobs(1, 5)
    assert len(np.unique(_clustered(ee.Clusterer.wekaXMeans(1, 8, 5), one))) == 1


def test_clusters_of_an_image(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "count"])
    region = ee.Geometry.Rectangle([500_000, 3_598_800, 501_500, 3_600_000], "EPSG:32646", False)
    sample = image.sample(region, 50)
    trained = ee.Clusterer.wekaCascadeKMeans(2, 4, 2).train(sample)
    found = pull_tiled(image.cluster(trained))["cluster"]
    assert 2 <= len(np.unique(found)) <= 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ee.Clusterer.wekaXMeans(5, 3), "1 <= minClusters <= maxClusters, got 5 and 3"),
        (lambda: ee.Clusterer.wekaXMeans(cutoffFactor=0.5), "cutoffFactor = 0 only"),
        (lambda: ee.Clusterer.wekaCascadeKMeans(manual=True), "choose the number"),
        (
            lambda: ee.Clusterer.wekaCascadeKMeans(distanceFunction="Chebyshev"),
            "one of Euclidean, Manhattan, got 'Chebyshev'",
        ),
    ],
)
def test_parameters_that_are_none(make, message):
    with pytest.raises(ee.EEException, match=message):
        make().schema().getInfo()
