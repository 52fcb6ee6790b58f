"""Seeds, superpixels and k-means of cells, against a plain SNIC, numpy and scikit-learn."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from scipy import ndimage

BANDS = ["value", "count"]


def _steps() -> ee.Image:
    """Return four even areas that meet in the middle of the stored rasters."""
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).floor()
    east = place.select("x").gte(50_070)
    south = place.select("y").lt(359_940)
    tone = east.multiply(100).add(south.multiply(40)).rename("tone").toDouble()
    return tone.updateMask(ee.Image("TEST/IMAGE").select("value").mask())


def test_seeds_stand_on_a_grid(pull_tiled):
    found = ~np.ma.getmaskarray(pull_tiled(ee.Algorithms.Image.Segmentation.seedGrid(6))["seeds"])
    rows, columns = np.nonzero(found)
    assert set(np.diff(np.unique(rows))) == set(np.diff(np.unique(columns))) == {6}
    assert found.sum() == len(np.unique(rows)) * len(np.unique(columns))
    hexagons = ee.Algorithms.Image.Segmentation.seedGrid(8, "hex")
    found = ~np.ma.getmaskarray(pull_tiled(hexagons)["seeds"])
    first, second = np.unique(np.nonzero(found)[0])[:2]
    assert second - first == round(8 * np.sqrt(3) / 2)
    shift = np.flatnonzero(found[second])[0] - np.flatnonzero(found[first])[0]
    assert abs(shift) == 4


@pytest.mark.parametrize("connectivity", [4, 8])
def test_superpixels_keep_to_even_areas(pull_tiled, connectivity):
    image = ee.Algorithms.Image.Segmentation.SNIC(_steps(), 10, 1, connectivity, 10)
    found = pull_tiled(image)
    assert list(found) == ["clusters", "tone_mean", "seeds"]
    tone = pull_tiled(_steps())["tone"].data
    np.testing.assert_array_equal(found["tone_mean"].data, tone)
    labels = found["clusters"].data
    for label in np.unique(labels):
        here = labels == label
        assert len(np.unique(tone[here])) == 1
        structure = np.ones((3, 3)) if connectivity == 8 else None
        assert ndimage.label(here, structure)[1] == 1
    # A cluster for each seed, nothing else.
    seeds = ~np.ma.getmaskarray(found["seeds"])
    assert len(np.unique(labels[seeds])) == seeds.sum()


def test_means_are_those_of_the_clusters(pull):
    image = ee.Image("TEST/IMAGE").select(BANDS)
    seeds = ee.Algorithms.Image.Segmentation.seedGrid(12)
    found = pull(ee.Algorithms.Image.Segmentation.SNIC(image, 12, 5, 8, 60, seeds))
    assert list(found) == ["clusters", "value_mean", "count_mean"]
    values = pull(image)
    labels = found["clusters"].data
    # One cell holds the raster's middle: clusters whole inside of it are seen whole.
    inner = np.zeros(labels.shape, bool)
    inner[30:60, 40:90] = True
    whole = [n for n in np.unique(labels[inner]) if inner[labels == n].all()]
    assert len(whole) > 2
    for number in whole:
        here = labels == number
        for name in BANDS:
            means = np.unique(found[f"{name}_mean"].data[here])
            assert len(means) == 1
            assert means[0] == pytest.approx(values[name].data[here].mean(dtype=float))


def _plain_snic(values: np.ndarray, seeds: list[tuple[int, int]], weight: float) -> np.ndarray:
    """Grow superpixels as the paper's listing does, with a list in place of a queue."""
    labels = -np.ones(values.shape, int)
    members: list[list[tuple[int, int]]] = [[] for _ in seeds]
    waiting = [(0.0, i, seed, i) for i, seed in enumerate(seeds)]
    order = len(seeds)
    while waiting:
        waiting.sort(reverse=True)
        _, _, (row, column), k = waiting.pop()
        if labels[row, column] >= 0:
            continue
        labels[row, column] = k
        members[k].append((row, column))
        places = np.array(members[k], float)
        mean = np.mean([values[p] for p in members[k]])
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                y, x = row + dy, column + dx
                inside = 0 <= y < values.shape[0] and 0 <= x < values.shape[1]
                if (dy or dx) and inside and labels[y, x] < 0:
                    apart = ((places.mean(0) - (y, x)) ** 2).sum()
                    order += 1
                    waiting.append(((values[y, x] - mean) ** 2 + weight * apart, order, (y, x), k))
    return labels


def test_superpixels_grow_as_in_the_paper():
    from gee_sm.emulator.functions.image_segmentation import _EIGHT, grown

    rng = np.random.default_rng(3)
    values = ndimage.gaussian_filter(rng.normal(0, 30, (24, 30)), 1.5)
    seeds = [(r, c) for r in (4, 12, 20) for c in (4, 12, 20, 27)]
    groups = np.zeros(values.shape, int)
    for number, seed in enumerate(seeds, 1):
        groups[seed] = number
    labels, means = grown(values[..., None], np.ones(values.shape, bool), groups, 0.25, _EIGHT)
    expected = _plain_snic(values, seeds, 0.25)
    assert (labels - 1 == expected).mean() > 0.999
    for number in range(1, 13):
        assert means[number, 0] == pytest.approx(values[labels == number].mean())


def test_gaps_belong_to_no_superpixel(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select("gappy")
    found = pull_tiled(ee.Algorithms.Image.Segmentation.SNIC(image, 8, 1, 4))
    gaps = np.isnan(rasters["gappy"])
    assert np.ma.getmaskarray(found["clusters"])[gaps].all()
    assert (~np.ma.getmaskarray(found["clusters"])[~gaps]).mean() > 0.9


@pytest.mark.parametrize("grid", [None, 50])
def test_k_means_of_cells(pull_tiled, rasters, grid):
    image = ee.Image("TEST/IMAGE").select(BANDS)
    found = pull_tiled(ee.Algorithms.Image.Segmentation.KMeans(image, 4, 100, 0, grid, True, True))[
        "clusters"
    ].data
    side = grid or 256
    rows, columns = np.indices((120, 150))
    rows, columns = rows - 360_000, columns + 50_000
    cells = np.unique(
        np.stack([rows // side, columns // side]).reshape(2, -1), axis=1, return_inverse=True
    )[1].reshape(120, 150)
    pixels = np.stack([rasters[name].astype(float) for name in BANDS], axis=-1)
    seen: set[int] = set()
    for cell in np.unique(cells):
        here = cells == cell
        labels = np.unique(found[here])
        assert len(labels) <= 4
        assert not seen & set(labels.tolist())
        seen |= set(labels.tolist())
        # At rest each pixel is nearest to the mean of its own group, if the cell is seen whole.
        if here.sum() == side * side:
            means = np.stack([pixels[here & (found == n)].mean(0) for n in labels])
            apart = ((pixels[here][:, None] - means) ** 2).sum(2)
            np.testing.assert_array_equal(labels[apart.argmin(1)], found[here])


def test_labels_may_repeat_and_iterations_may_be_too_few(pull):
    image = ee.Image("TEST/IMAGE").select(BANDS)
    segment = ee.Algorithms.Image.Segmentation.KMeans
    found = pull(segment(image, 3, 20, 0, 25, False, False))["clusters"]
    assert set(np.unique(found)) == {0, 1, 2}
    with pytest.raises(ee.EEException, match="did not converge in 1 iterations"):
        pull(segment(image, 3, 1, 0, 25, True))
    with pytest.raises(ee.EEException, match="exclude each other"):
        segment(image, 3, 1, 5, 25).bandNames().getInfo()
