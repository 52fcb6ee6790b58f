from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.sentinel2.cloud_mask import UnknownCloudMaskError, clear_view
from gee_sm.sentinel2.collection import reflectance

DAY = "2022-07-10T04:30:00"


def _views(synthetic, **options):
    return reflectance(region=synthetic.region(), start="2022-07-01", end="2022-08-01", **options)


def _valid(synthetic, collection, band="B8"):
    return ~np.isnan(synthetic.read(collection.mosaic())[band])


def test_score_decides_where_there_is_one(synthetic):
    score = np.full((60, 60), 0.9, "float32")
    score[:20] = 0.59
    score[20:40] = 0.60
    # Scene class says cloud everywhere, and is overruled by the score.
    synthetic.add_s2(DAY, scl=9, score=score)
    synthetic.connect()
    valid = _valid(synthetic, _views(synthetic))
    assert not valid[:20].any()
    assert valid[20:].all()
    stricter = _valid(synthetic, _views(synthetic, clear_score=0.75))
    assert not stricter[:40].any()
    assert stricter[40:].all()


def test_scene_class_stands_in_where_there_is_no_score(synthetic):
    classes = np.full((60, 60), 4, "uint8")
    for row, value in enumerate((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)):
        classes[row * 5 : row * 5 + 5] = value
    synthetic.add_s2(DAY, scl=classes, score=None)
    # Another scene has a score, so that the collection of scores exists.
    synthetic.add_s2("2022-06-01T04:30:00", score=0.9)
    synthetic.connect()
    valid = _valid(synthetic, _views(synthetic))
    kept = {value for value in range(12) if valid[value * 5 : value * 5 + 5].all()}
    lost = {value for value in range(12) if not valid[value * 5 : value * 5 + 5].any()}
    assert kept == {2, 4, 5, 6, 7}
    assert lost == {0, 1, 3, 8, 9, 10, 11}


def test_scene_class_stands_in_for_the_pixels_a_score_lacks(synthetic):
    score = np.full((60, 60), 0.1, "float32")
    score[:, :30] = np.nan
    classes = np.full((60, 60), 4, "uint8")
    classes[30:] = 8
    synthetic.add_s2(DAY, scl=classes, score=score)
    synthetic.connect()
    valid = _valid(synthetic, _views(synthetic))
    assert valid[:30, :30].all()
    assert not valid[30:, :30].any()
    assert not valid[:, 30:].any()


def test_snow_is_no_clear_view_however_good_its_score(synthetic):
    classes = np.full((60, 60), 4, "uint8")
    classes[:10] = 11
    synthetic.add_s2(DAY, scl=classes, score=1.0)
    synthetic.connect()
    valid = _valid(synthetic, _views(synthetic))
    assert not valid[:10].any()
    assert valid[10:].all()


def test_without_a_mask_all_is_clear(synthetic):
    synthetic.add_s2(DAY, scl=9, score=None)
    synthetic.connect()
    assert _valid(synthetic, _views(synthetic, cloud_mask="none")).all()


def test_scene_class_alone(synthetic):
    classes = np.full((60, 60), 4, "uint8")
    classes[:10] = 9
    synthetic.add_s2(DAY, scl=classes, score=None)
    synthetic.connect()
    valid = _valid(synthetic, _views(synthetic, cloud_mask="scl"))
    assert not valid[:10].any()
    assert valid[10:].all()


def test_bad_requests_say_what_is_possible(synthetic):
    synthetic.connect()
    scene = ee.Image(1)
    with pytest.raises(UnknownCloudMaskError, match="'cloud_score_plus', 'scl' or 'none'"):
        clear_view(scene, method="qa60")
    with pytest.raises(ValueError, match="between 0 and 1"):
        clear_view(scene, clear_score=60)
    with pytest.raises(ValueError, match="use 'cloud_score_plus'"):
        clear_view(scene, method="scl", has_scene_class=False)


def test_top_of_atmosphere_fills_missing_scenes_only_and_is_flagged(synthetic):
    toa = "COPERNICUS/S2_HARMONIZED"
    both = {"index": "both", "score": 0.9}
    synthetic.add_s2(DAY, b8=0.30, **both)
    synthetic.add_s2(DAY, b8=0.25, scl=None, asset_id=toa, index="both", score=None)
    late = "2022-07-12T04:30:00"
    synthetic.add_s2(late, b8=0.20, scl=None, asset_id=toa, index="only_toa", score=0.9)
    synthetic.connect()
    without = _views(synthetic)
    assert without.size().getInfo() == 1
    found = _views(synthetic, toa_fallback=True).sort("system:time_start")
    assert found.size().getInfo() == 2
    first, second = (
        synthetic.read(ee.Image(found.toList(2).get(i)).select(["B8", "toa"])) for i in range(2)
    )
    np.testing.assert_allclose(first["B8"], 0.30, atol=1e-6)
    assert (first["toa"] == 0).all()
    np.testing.assert_allclose(second["B8"], 0.20, atol=1e-6)
    assert (second["toa"] == 1).all()


def test_top_of_atmosphere_without_a_score_counts_as_cloudy(synthetic):
    toa = "COPERNICUS/S2_HARMONIZED"
    synthetic.add_s2(DAY, scl=None, asset_id=toa, index="only_toa", score=None)
    synthetic.add_s2("2022-06-01T04:30:00", score=0.9)
    synthetic.connect()
    found = _views(synthetic, toa_fallback=True)
    assert found.size().getInfo() == 1
    assert not _valid(synthetic, found).any()
