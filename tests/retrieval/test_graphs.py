"""What the chain asks of a server: nothing while it is built, and the right operations after."""

from __future__ import annotations

import dataclasses
import json

import ee
import pytest

from gee_sm.retrieval.product import seasons, soil_moisture_image
from gee_sm.retrieval.recipes import LI2025, ROBUST
from gee_sm.retrieval.scene_summary import scene_summary
from gee_sm.sentinel1.incidence_angle import fit_angle_slope

REGION = [91.0, 33.0, 92.0, 34.0]


@pytest.fixture
def no_requests(synthetic, monkeypatch):
    """A client that may build graphs and may not send any."""
    synthetic.connect()

    def refuse(*args, **kwargs):
        raise AssertionError("a request was sent while the graph was being built")

    for name in ("computeValue", "computePixels", "getAsset", "getInfo"):
        monkeypatch.setattr(ee.data, name, refuse)


def _functions(graph):
    found = set()
    pending = [json.loads(graph.serialize())]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "functionName" in node:
                found.add(node["functionName"])
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found


def _image(recipe, **options):
    region = ee.Geometry.Rectangle(REGION)
    return soil_moisture_image(region=region, year=2020, orbit="A", recipe=recipe, **options)


@pytest.mark.usefixtures("no_requests")
class TestGraphs:
    @pytest.mark.parametrize("recipe", [LI2025, ROBUST], ids=["li2025", "robust"])
    def test_building_sends_nothing_and_stays_far_below_the_limit_of_a_request(self, recipe):
        orbits = [12, 41, 85, 114, 143]
        assert len(_image(recipe).serialize()) < 500_000
        assert len(_image(recipe, relative_orbits=orbits).serialize()) < 500_000

    def test_only_the_recipe_that_pins_its_grid_reprojects(self):
        pinning = {"Image.reproject", "Image.reduceResolution"}
        assert pinning <= _functions(_image(ROBUST))
        assert not pinning & _functions(_image(LI2025))
        at_the_native_scale = _functions(_image(ROBUST, scale_m=10))
        assert "Image.reproject" in at_the_native_scale
        assert "Image.reduceResolution" not in at_the_native_scale

    def test_no_pixel_is_reduced_to_a_number_for_scenes_that_tell_their_heading(self):
        """The only reduction over a region is the fallback for scenes without a heading."""
        graph = json.dumps(json.loads(_image(ROBUST).serialize()))
        assert graph.count("Image.reduceRegion") <= 2
        assert "Image.normalizedDifference" not in graph

    def test_a_recipe_without_land_cover_does_not_read_it(self):
        bare = dataclasses.replace(ROBUST, land_cover_id=None)
        assert "WorldCover" in _image(ROBUST).serialize()
        assert "WorldCover" not in _image(bare).serialize()

    def test_top_of_atmosphere_is_read_up_to_2018_only(self):
        region = ee.Geometry.Rectangle(REGION)
        for year, read in ((2017, True), (2018, True), (2019, False)):
            image = soil_moisture_image(region=region, year=year, orbit="D")
            assert ("COPERNICUS/S2_HARMONIZED" in image.serialize()) is read

    def test_summary_and_fit_send_nothing_either(self):
        region = ee.Geometry.Rectangle(REGION)
        scene_summary(region=region, seasons=seasons(year=2020)).serialize()
        fit_angle_slope(ee.ImageCollection("COPERNICUS/S1_GRD_FLOAT"), region=region).serialize()
