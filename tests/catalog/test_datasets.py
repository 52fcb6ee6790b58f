from __future__ import annotations

import datetime as dt
import warnings

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.catalog import (
    DATASETS,
    DeprecatedDatasetWarning,
    UnknownBandError,
    UnknownDatasetError,
    dataset,
)
from gee_sm.catalog.terrain import GLO30_2024, elevation


@pytest.mark.parametrize("entry", DATASETS.values(), ids=DATASETS)
def test_every_entry_is_complete(entry):
    assert entry.bands
    assert len(set(entry.band_names)) == len(entry.bands)
    assert entry.native_scale_m > 0
    assert entry.native_grid
    assert entry.end is None or entry.end > entry.start
    assert entry.successor is None or entry.successor in DATASETS
    assert all(band.unit and band.scale for band in entry.bands)


def test_an_unknown_id_names_its_neighbours():
    with pytest.raises(UnknownDatasetError, match="did you mean COPERNICUS/S1_GRD"):
        dataset("COPERNICUS/S1")
    with pytest.raises(UnknownDatasetError, match="known: "):
        dataset("completely different")


def test_an_unknown_band_names_the_bands():
    with pytest.raises(UnknownBandError, match="VV, VH, HH, HV, angle"):
        dataset("COPERNICUS/S1_GRD_FLOAT").band("B8")


def test_superseded_data_sets_warn_and_others_do_not(synthetic):
    synthetic.connect()
    with pytest.warns(DeprecatedDatasetWarning, match="superseded by COPERNICUS/S2_SR_HARMONIZED"):
        dataset("COPERNICUS/S2_SR").collection()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset("COPERNICUS/S2_SR_HARMONIZED").collection()


def test_periods():
    surface = dataset("COPERNICUS/S2_SR_HARMONIZED")
    assert surface.covers(dt.date(2020, 7, 1), dt.date(2020, 9, 1))
    assert not surface.covers(dt.date(2016, 7, 1), dt.date(2016, 9, 1))
    cover = dataset("ESA/WorldCover/v100")
    assert cover.covers(dt.date(2020, 12, 31), dt.date(2021, 2, 1))
    assert not cover.covers(dt.date(2021, 1, 1), dt.date(2021, 2, 1))


def test_physical_units_keep_time_and_index(synthetic):
    synthetic.add_s2("2020-07-10T04:30:00", b8=0.3210)
    synthetic.connect()
    source = dataset("COPERNICUS/S2_SR_HARMONIZED")
    image = ee.Image(source.collection().first())
    found = source.physical(image, "B8", "SCL")
    pixels = synthetic.read(found)
    np.testing.assert_allclose(pixels["B8"], 0.3210, atol=1e-9)
    np.testing.assert_array_equal(pixels["SCL"], 4)
    assert found.get("system:time_start").getInfo() == image.get("system:time_start").getInfo()
    assert found.get("system:index").getInfo() == image.get("system:index").getInfo()


def test_a_mosaic_of_tiles_has_the_grid_of_its_tiles(synthetic):
    heights = np.tile(np.arange(60, dtype="float32"), (60, 1))
    synthetic.add(GLO30_2024.id, "tile", {"DEM": heights}, time="2011-01-01")
    synthetic.connect()
    for image in (elevation(GLO30_2024), GLO30_2024.image()):
        assert image.projection().nominalScale().getInfo() == pytest.approx(10)
    # Slopes need that grid: 1 m in 10 m.
    slope = synthetic.read(ee.Terrain.slope(elevation(GLO30_2024)))["slope"]
    np.testing.assert_allclose(slope[5:-5, 5:-5], np.degrees(np.arctan(0.1)), atol=1e-3)


def test_elevation_is_read_bilinearly(synthetic):
    heights = np.tile(np.arange(12, dtype="float32") * 50, (12, 1))
    synthetic.add(
        "USGS/SRTMGL1_003",
        None,
        {"elevation": heights},
        transform=Affine(100, 0, 405700, 0, -100, 3600300),
    )
    synthetic.connect()
    found = synthetic.read(elevation())["elevation"][30]
    np.testing.assert_allclose(np.diff(found), 5.0, atol=1e-3)
