from __future__ import annotations

import ee
import numpy as np
import pytest

from gee_sm.catalog.land_cover import land_cover
from gee_sm.retrieval.masks import darker_in_summer, excluded_land_cover, open_water
from gee_sm.retrieval.status import FLAG_MEANINGS, FLAG_VALUES, Status, status_image


def test_flags_of_the_file_match_the_codes():
    assert list(FLAG_VALUES) == sorted(set(FLAG_VALUES))
    assert FLAG_VALUES[0] == 0
    assert len(FLAG_MEANINGS.split()) == len(FLAG_VALUES)
    assert all(code.meaning for code in Status)


def test_the_first_reason_wins_and_a_masked_one_does_not_apply(synthetic):
    synthetic.connect()
    x = ee.Image.pixelCoordinates(ee.Projection("EPSG:32646")).select("x").subtract(406000)
    status = status_image(
        [
            (x.gt(400), Status.NO_THAW_SCENE),
            (x.gt(300).updateMask(x.lt(350)), Status.WATER),
            (x.gt(200), ee.Image.constant(int(Status.FOREST))),
        ]
    )
    found = synthetic.read(status)["status"][30]
    at = np.arange(60) * 10 + 5
    wanted = np.select(
        [at > 400, (at > 300) & (at < 350), at > 200],
        [Status.NO_THAW_SCENE, Status.WATER, Status.FOREST],
        Status.VALID,
    )
    np.testing.assert_array_equal(found, wanted)


def test_land_cover_classes_become_codes(synthetic):
    classes = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
    values = np.repeat(np.repeat(np.array(classes), 6)[None, :], 60, 0)
    synthetic.add_land_cover(values)
    synthetic.connect()
    image = excluded_land_cover(land_cover(), (10, 40, 50, 70, 80, 95))
    found = synthetic.read(image)["excluded"][30, 3::6]
    wanted = {
        10: Status.FOREST,
        40: Status.CROPLAND,
        50: Status.BUILT_UP,
        70: Status.SNOW_AND_ICE,
        80: Status.WATER,
        95: Status.FOREST,
    }
    assert dict(zip(classes, found, strict=True)) == {
        value: int(wanted.get(value, 0)) for value in classes
    }
    none = synthetic.read(excluded_land_cover(land_cover(), ()))["excluded"]
    assert (none == 0).all()
    with pytest.raises(ValueError, match="\\[60\\] cannot be excluded"):
        excluded_land_cover(land_cover(), (60,))


def test_water_and_darker_summers(synthetic):
    synthetic.connect()
    for value, water in ((-0.1, 0), (0.0, 0), (0.2, 1)):
        image = open_water(ee.Image.constant(value))
        assert synthetic.read(image, size=1)["water"].item() == water
    for value, darker in ((-0.1, 1), (0.0, 0), (3.0, 0)):
        image = darker_in_summer(ee.Image.constant(value))
        assert synthetic.read(image, size=1)["darker"].item() == darker
