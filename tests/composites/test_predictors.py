"""Predictors against their formulas in numpy."""

from __future__ import annotations

import datetime as dt

import ee
import numpy as np
import pytest

from gee_sm.composites.broadband_albedo import broadband_albedo
from gee_sm.composites.fractional_cover import fractional_cover
from gee_sm.composites.frozen_ground import frozen_state, onset
from gee_sm.composites.land_surface_temperature import (
    elevation_corrected,
    gap_filled,
    mean_temperature,
)
from gee_sm.composites.soil_evaporative_efficiency import (
    evaporative_efficiency,
    soil_temperature,
    temperature_range,
)
from gee_sm.composites.water_indices import water_indices

SIZE = 6
NAN = np.nan


@pytest.fixture
def image_of(synthetic):
    """Arrays to an image, and the reader."""

    def make(**bands):
        arrays = {k: np.asarray(v, "float32") for k, v in bands.items()}
        synthetic.add("users/me/test", None, arrays)
        synthetic.connect()
        return ee.Image("users/me/test")

    return make


def test_water_indices_are_equations_1_to_3(synthetic, image_of):
    rng = np.random.default_rng(1)
    b = {i: rng.uniform(0.02, 0.5, (SIZE, SIZE)) for i in (2, 4, 6, 7)}
    b[4][0, 0] = -0.005
    b[6][1, 1] = -0.001
    found = synthetic.read(
        water_indices(image_of(**{f"reflectance_b{i}": v for i, v in b.items()})), size=SIZE
    )
    c = {i: np.maximum(v.astype("float32").astype(float), 0) for i, v in b.items()}
    np.testing.assert_allclose(found["ndwi"], (c[4] - c[2]) / (c[4] + c[2]), rtol=1e-6)
    np.testing.assert_allclose(found["lswi"], (c[2] - c[6]) / (c[2] + c[6]), rtol=1e-6)
    with np.errstate(divide="ignore"):
        nsdsi = np.where(c[6] > 0, (c[6] - c[7]) / c[6], np.nan)
    np.testing.assert_allclose(found["nsdsi"], nsdsi, rtol=1e-5, atol=1e-7)


def test_predictors_mapped_over_a_collection_keep_its_times(synthetic):
    synthetic.connect()
    bands = [f"reflectance_b{i}" for i in range(1, 8)]
    light = ee.Image.constant([0.2] * 7).rename(bands).set("system:time_start", 5)
    kelvin = ee.Image.constant(290.0).rename("lst_day").set("system:time_start", 5)
    other = ee.Image.constant(280.0)
    made = {
        "indices": water_indices(light),
        "albedo": broadband_albedo(light),
        "cover": fractional_cover(light.select("reflectance_b2")),
        "mean": mean_temperature(kelvin, other),
        "elevation": elevation_corrected(kelvin, other, other),
        "filled": gap_filled(kelvin, other),
        "soil": soil_temperature(kelvin, ee.Image(0.3), other),
        "efficiency": evaporative_efficiency(kelvin, ee.Image(300), other),
    }
    for name, image in made.items():
        assert image.get("system:time_start").getInfo() == 5, name
        # Google's arithmetic may drop properties where the emulator's keeps the left image's.
        assert "copyProperties" in image.serialize(), name


def test_temperature_is_masked_where_an_elevation_is_not_known(synthetic):
    synthetic.connect()
    kelvin = ee.Image.constant(290.0).rename("lst_day")
    unknown = ee.Image.constant(4500).updateMask(0)
    for height, mean in ((unknown, ee.Image(4500)), (ee.Image(4500), unknown)):
        found = elevation_corrected(kelvin, height, mean)
        value = found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
        assert value == {"lst_day": None}


def test_mean_temperature_needs_both_halves_of_the_day(synthetic, image_of):
    day, night = synthetic.full(300), synthetic.full(270)
    day[0, 0] = night[0, 1] = NAN
    image = image_of(day=day, night=night)
    found = synthetic.read(mean_temperature(image.select("day"), image.select("night")), size=SIZE)[
        "lst_mean"
    ]
    np.testing.assert_allclose(found, (day + night) / 2)


def test_elevation_correction_is_equation_3(synthetic, image_of):
    rng = np.random.default_rng(2)
    height = rng.uniform(4000, 5500, (SIZE, SIZE))
    # A field that is nothing but lapse becomes flat.
    lst = 290.0 - 0.006 * (height - 4700)
    image = image_of(lst=lst, height=height)
    corrected = elevation_corrected(image.select("lst"), image.select("height"), ee.Image(4700))
    np.testing.assert_allclose(synthetic.read(corrected, size=SIZE)["lst"], 290.0, atol=1e-4)
    with pytest.raises(ValueError, match="fall of temperature"):
        elevation_corrected(corrected, image, ee.Image(0), lapse_rate=-0.006)


def test_gaps_are_filled_and_flagged(synthetic, image_of):
    seen, free = synthetic.full(280), synthetic.full(285)
    seen[0, :3] = NAN
    free[0, 0] = NAN
    image = image_of(lst_day=seen, free=free)
    found = synthetic.read(gap_filled(image.select("lst_day"), image.select("free")), size=SIZE)
    np.testing.assert_array_equal(found["lst_day"][0, :4], [NAN, 285, 285, 280])
    np.testing.assert_array_equal(found["lst_filled"][0, :4], [NAN, 1, 1, 0])


def test_fractional_cover_stays_within_bounds(synthetic, image_of):
    ndvi = np.tile(np.linspace(-0.2, 1.0, SIZE), (SIZE, 1))
    image = image_of(ndvi=ndvi)
    for exponent in (1.0, 2.0):
        found = synthetic.read(fractional_cover(image, exponent=exponent), size=SIZE)
        expected = np.clip((ndvi - 0.05) / 0.85, 0, 1) ** exponent
        np.testing.assert_allclose(found["fractional_cover"], expected, atol=1e-6)
    with pytest.raises(ValueError, match="bare_ndvi must be below"):
        fractional_cover(image, bare_ndvi=0.9, full_ndvi=0.1)
    with pytest.raises(ValueError, match="exponent must be positive"):
        fractional_cover(image, exponent=0)


def test_soil_evaporative_efficiency_is_equations_1_and_2(synthetic, image_of):
    rng = np.random.default_rng(3)
    cover = rng.uniform(0, 0.8, (SIZE, SIZE))
    cover[0, 0] = 0.95
    soil = rng.uniform(285, 315, (SIZE, SIZE))
    lst = cover * 288 + (1 - cover) * soil
    image = image_of(lst=lst, cover=cover)
    found = soil_temperature(image.select("lst"), image.select("cover"), ee.Image(288))
    pixels = synthetic.read(found, size=SIZE)["soil_surface_temperature"]
    expected = np.where(cover > 0.9, np.nan, soil)
    np.testing.assert_allclose(pixels, expected, atol=1e-3)
    region = synthetic.region()
    driest, wettest = temperature_range(found, region, scale_m=10)
    see = evaporative_efficiency(found, driest, wettest)
    assert see.projection().nominalScale().getInfo() == pytest.approx(10)
    efficiency = synthetic.read(see, size=SIZE)
    high, low = np.nanmax(expected), np.nanmin(expected)
    np.testing.assert_allclose(
        efficiency["soil_evaporative_efficiency"], (high - expected) / (high - low), atol=1e-4
    )
    # Percentiles of 35 values are defined to within the gap between neighbours, about 1 K here.
    hot, cool = temperature_range(found, region, scale_m=10, percentiles=(10, 90))
    for image, percent in ((hot, 90), (cool, 10)):
        value = synthetic.read(image, size=1)
        np.testing.assert_allclose(
            next(iter(value.values())), np.nanpercentile(expected, percent), atol=1.5
        )
    with pytest.raises(ValueError, match="largest_cover"):
        soil_temperature(found, found, found, largest_cover=1.0)
    with pytest.raises(ValueError, match="percentiles must be in order"):
        temperature_range(found, region, scale_m=10, percentiles=(99, 1))


@pytest.mark.parametrize("percentiles", [(0, 100), (1, 99)])
def test_an_area_under_cloud_has_no_range_and_no_efficiency(synthetic, percentiles):
    synthetic.connect()
    clouded = ee.Image.constant(300.0).updateMask(0).reproject("EPSG:4326", None, 1000)
    region = ee.Geometry.Rectangle([91, 33, 91.1, 33.1])
    driest, wettest = temperature_range(clouded, region, scale_m=1000, percentiles=percentiles)
    for image in (driest, wettest, evaporative_efficiency(ee.Image(300), driest, wettest)):
        value = image.reduceRegion("first", ee.Geometry.Point(91.05, 33.05), 1000).getInfo()
        assert list(value.values()) == [None]


# Frozen ground -------------------------------------------------------------------------------


def _daily(celsius, first="2020-10-01"):
    start = dt.datetime.fromisoformat(first).replace(tzinfo=dt.UTC)
    images = []
    for i, value in enumerate(celsius):
        if value is None:
            continue
        time = start + dt.timedelta(days=i)
        images.append(
            ee.Image.constant(value + 273.15)
            .toDouble()
            .set({"system:time_start": int(time.timestamp() * 1000), "system:index": f"d{i}"})
        )
    return ee.ImageCollection(images)


def _series(images, band):
    stack = images.select(band).toBands()
    found = stack.reduceRegion("first", ee.Geometry.Point(91, 33), 1000).getInfo()
    return [found[name] for name in stack.bandNames().getInfo()]


def _runs(celsius, below, length=3):
    """Days of runs at least so long, by plain counting."""
    flags = [v is not None and (v < 0 if below else v > 0) for v in celsius]
    found = [0] * len(flags)
    for i in range(len(flags) - length + 1):
        if all(flags[i : i + length]):
            found[i : i + length] = [1] * length
    return [f for f, v in zip(found, celsius, strict=True) if v is not None]


@pytest.mark.parametrize(
    "celsius",
    [
        [2, -1, -1, 1, -1, -1, -1, 2, 1, 1, -1],
        [-1, -1, None, -1, -1, -1, 0.0, 1, 1, 1, 1],
        [1, -1, 1, -1, 1, -1],
    ],
)
def test_a_day_is_frozen_or_thawed_within_a_run_of_three(synthetic, celsius):
    synthetic.connect()
    found = frozen_state(_daily(celsius))
    assert _series(found, "frozen") == _runs(celsius, below=True)
    assert _series(found, "thawed") == _runs(celsius, below=False)


def test_a_run_goes_on_over_new_year_and_stops_at_a_masked_day(synthetic):
    synthetic.connect()
    celsius = [1, -1, -1, -1, 2, -1, -1, -1]
    days = _daily(celsius, first="2019-12-29")
    assert _series(frozen_state(days), "frozen") == [0, 1, 1, 1, 0, 1, 1, 1]
    last = days.toList(8).get(7)
    hidden = ee.ImageCollection.fromImages(
        days.toList(7).cat(ee.List([ee.Image(last).updateMask(0)]))
    )
    assert _series(frozen_state(hidden), "frozen") == [0, 1, 1, 1, 0, 0, 0, None]


def test_onset_is_the_first_day_of_the_first_run(synthetic):
    synthetic.connect()

    def day(celsius, **kwargs):
        at = onset(_daily(celsius), **kwargs)
        value = at.reduceRegion("first", ee.Geometry.Point(91, 33), 1000).getInfo()["onset"]
        return None if value is None else (dt.date(1970, 1, 1) + dt.timedelta(days=value)).day

    autumn = [3, -1, -1, 2, -1, -2, -3, -4]
    assert day(autumn, frozen=True) == 5
    assert day(autumn, frozen=True, days=2) == 2
    assert day(autumn, frozen=False) is None
    assert day([-1, -1, -1, 1, 1, 1], frozen=False) == 4
    # The last two cold days are no run: what follows is not known.
    assert day([1, 1, 1, -1, -1], frozen=True) is None
    with pytest.raises(ValueError, match="at least one day"):
        onset(_daily(autumn), frozen=True, days=0)


def test_broadband_albedo_is_liangs_sum(synthetic):
    synthetic.connect()
    shares = [0.05, 0.30, 0.04, 0.08, 0.33, 0.25, 0.15]
    bands = [f"reflectance_b{i}" for i in range(1, 8)]
    ground = ee.Image.constant(shares).rename(bands).set("day", "2020-07-03")
    found = broadband_albedo(ground)
    # Liang (2001), MODIS, total shortwave; band 6 has no weight.
    weights = [0.160, 0.291, 0.243, 0.116, 0.112, 0.0, 0.081]
    expected = np.dot(weights, shares) - 0.0015
    value = found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    assert value["albedo_shortwave"] == pytest.approx(expected, rel=1e-9)
    assert found.get("day").getInfo() == "2020-07-03"
    dark = broadband_albedo(ee.Image.constant([-0.01] * 7).rename(bands))
    assert dark.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo() == {
        "albedo_shortwave": 0
    }
