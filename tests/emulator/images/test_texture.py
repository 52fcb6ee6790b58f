"""Co-occurrence metrics, against Haralick's formulas on a dense matrix and published figures."""

from __future__ import annotations

import ee
import numpy as np
import pytest

METRICS = (
    "asm",
    "contrast",
    "corr",
    "var",
    "idm",
    "savg",
    "svar",
    "sent",
    "ent",
    "dvar",
    "dent",
    "imcorr1",
    "imcorr2",
    "maxcorr",
    "diss",
    "inertia",
    "shade",
    "prom",
)
OFFSETS = ((-1, -1), (0, -1), (1, -1), (-1, 0))


def haralick(window: np.ndarray, dx: int, dy: int, levels: int) -> dict[str, float]:
    """Return the metrics of one window from its matrix, term by term as printed."""
    matrix = np.zeros((levels, levels))
    height, width = window.shape
    for row in range(height):
        for column in range(width):
            y, x = row + dy, column + dx
            if 0 <= y < height and 0 <= x < width:
                matrix[window[row, column], window[y, x]] += 1
                matrix[window[y, x], window[row, column]] += 1
    p = matrix / matrix.sum()
    i, j = np.indices(p.shape)
    px = p.sum(1)
    mu = (np.arange(levels) * px).sum()
    sigma2 = ((np.arange(levels) - mu) ** 2 * px).sum()
    total = np.array([p[i + j == k].sum() for k in range(2 * levels - 1)])
    apart = np.array([p[abs(i - j) == k].sum() for k in range(levels)])

    def entropy(q):
        q = q[q > 0]
        return -(q * np.log(q)).sum()

    hx, hxy = entropy(px), entropy(p)
    outer = np.outer(px, px)
    there = outer > 0
    hxy1 = -(p[there] * np.log(outer[there])).sum()
    hxy2 = -(outer[there] * np.log(outer[there])).sum()
    steps, sums = np.arange(levels), np.arange(2 * levels - 1)
    savg = (sums * total).sum()
    spread = (steps * apart).sum()
    return {
        "asm": (p**2).sum(),
        "contrast": (steps**2 * apart).sum(),
        "corr": ((i * j * p).sum() - mu**2) / sigma2,
        "var": ((i - mu) ** 2 * p).sum(),
        "idm": (p / (1 + (i - j) ** 2)).sum(),
        "savg": savg,
        "svar": ((sums - savg) ** 2 * total).sum(),
        "sent": entropy(total),
        "ent": hxy,
        "dvar": ((steps - spread) ** 2 * apart).sum(),
        "dent": entropy(apart),
        "imcorr1": (hxy - hxy1) / hx,
        "imcorr2": np.sqrt(1 - np.exp(-2 * (hxy2 - hxy))),
        "maxcorr": 0.0,
        "diss": (abs(i - j) * p).sum(),
        "inertia": ((i - j) ** 2 * p).sum(),
        "shade": ((i + j - 2 * mu) ** 3 * p).sum(),
        "prom": ((i + j - 2 * mu) ** 4 * p).sum(),
    }


@pytest.mark.parametrize("size", [1, 3])
def test_metrics_are_haralicks(pull_tiled, rasters, size):
    image = ee.Image("TEST/IMAGE").select("classes").glcmTexture(size)
    found = pull_tiled(image)
    assert list(found) == [f"classes_{metric}" for metric in METRICS]
    for row, column in ((20, 20), (60, 77), (110, 140)):
        window = rasters["classes"][row - size : row + size + 1, column - size : column + size + 1]
        each = [haralick(window, dx, dy, 5) for dx, dy in OFFSETS]
        for metric in METRICS:
            expected = np.mean([one[metric] for one in each])
            assert found[f"classes_{metric}"][row, column] == pytest.approx(expected, abs=1e-9)


def test_directions_may_stay_apart(pull, rasters):
    kernel = ee.Kernel.fixed(3, 3, [[0, 0, 0], [1, 0, 1], [0, 1, 0]])
    found = pull(ee.Image("TEST/IMAGE").select("classes").glcmTexture(2, kernel, False))
    # East is the direction of west again.
    assert list(found) == [
        f"classes_{metric}_{offset}" for offset in ("-1_0", "0_1") for metric in METRICS
    ]
    window = rasters["classes"][48:53, 28:33]
    for name, (dx, dy) in (("-1_0", (-1, 0)), ("0_1", (0, 1))):
        expected = haralick(window, dx, dy, 5)
        for metric in METRICS:
            value = found[f"classes_{metric}_{name}"][50, 30]
            assert value == pytest.approx(expected[metric], abs=1e-9)


def test_a_window_of_different_values_gives_the_published_figures(pull):
    """A published walk-through shows 0.0281 and 3.577 as ends of asm and ent for size 2."""
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646").atScale(10)).floor()
    different = place.select("x").multiply(1000).add(place.select("y")).toInt32().rename("n")
    found = pull(different.glcmTexture(2), (6, 6))
    np.testing.assert_allclose(found["n_asm"], 0.0281, atol=5e-5)
    np.testing.assert_allclose(found["n_ent"], 3.577, atol=5e-4)


def test_an_even_area_is_valid_and_has_no_texture(pull):
    found = pull(ee.Image(7).byte().glcmTexture(2), (4, 4))
    assert not any(np.ma.getmaskarray(values).any() for values in found.values())
    assert (found["constant_asm"] == 1).all()
    assert (found["constant_idm"] == 1).all()
    for metric in ("contrast", "ent", "corr", "imcorr1", "imcorr2", "prom", "var"):
        assert (found[f"constant_{metric}"] == 0).all()


def test_gaps_are_left_out(pull_tiled, rasters):
    classes = ee.Image("TEST/IMAGE").select("classes")
    found = pull_tiled(classes.updateMask(classes.neq(2)).glcmTexture(1))["classes_diss"]
    gap = rasters["classes"] == 2
    assert np.ma.getmaskarray(found)[gap].all()
    row, column = 30, 41
    while gap[row, column]:
        column += 1
    means = []
    window, hole = (
        a[row - 1 : row + 2, column - 1 : column + 2] for a in (rasters["classes"], gap)
    )
    for dx, dy in OFFSETS:
        pairs = [
            abs(int(window[y, x]) - int(window[y + dy, x + dx]))
            for y in range(3)
            for x in range(3)
            if 0 <= y + dy < 3 and 0 <= x + dx < 3
            and not hole[y, x] and not hole[y + dy, x + dx]
        ]  # fmt: skip
        if pairs:
            means.append(np.mean(pairs))
    assert found[row, column] == pytest.approx(np.mean(means))


def test_real_numbers_are_refused():
    with pytest.raises(ee.EEException, match=r"band 'value' is float\. Cast it"):
        ee.Image("TEST/IMAGE").select("value").glcmTexture().bandNames().getInfo()


def test_a_metric_alone_is_the_one_among_all(pull):
    texture = ee.Image("TEST/IMAGE").select("classes").glcmTexture(2)
    together = pull(texture, (9, 11))
    for metric in METRICS:
        name = f"classes_{metric}"
        alone = pull(texture.select(name), (9, 11))[name]
        np.testing.assert_array_equal(alone, together[name])
