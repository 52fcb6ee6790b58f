from __future__ import annotations

import dataclasses

import ee
import numpy as np
import pytest

from gee_sm.retrieval.product import BANDS, PeriodError, seasons, soil_moisture_image
from gee_sm.retrieval.recipes import LI2025, ROBUST
from gee_sm.retrieval.soil_moisture import coefficients_for
from gee_sm.retrieval.status import Status

NDVI = (0.30 - 0.06) / (0.30 + 0.06)
NDMI = (0.30 - 0.20) / (0.30 + 0.20)


def _expected(orbit, difference, ndvi=NDVI, ndmi=NDMI):
    return float(coefficients_for(orbit).predict([[difference, ndvi, ndmi]])[0])


def _map(synthetic, *, scale=10, size=None, **options):
    wanted = {"region": synthetic.region(), "year": 2020, "orbit": "A", "scale_m": scale, **options}
    return synthetic.read(soil_moisture_image(**wanted), scale=scale, size=size)


def _only(values):
    """The one value that all pixels of a band have."""
    found = np.unique(values)
    assert found.size == 1, found
    return found.item()


@pytest.mark.parametrize("recipe", [LI2025, ROBUST], ids=["li2025", "robust"])
@pytest.mark.parametrize("scale", [10, 100])
@pytest.mark.parametrize(("orbit", "name"), [("A", "ASCENDING"), ("D", "DESCENDING")])
def test_uniform_ground_is_retrieved_exactly(season, recipe, scale, orbit, name):
    synthetic = season(orbit=name, heading=348.0 if orbit == "A" else 192.0)
    synthetic.connect()
    found = _map(synthetic, orbit=orbit, recipe=recipe, scale=scale)
    assert tuple(found) == BANDS
    assert _only(found["status"]) == Status.VALID
    np.testing.assert_allclose(found["soil_moisture"], _expected(orbit, 3.0), atol=1e-5)
    assert _only(found["n_thaw"]) == 2
    assert _only(found["n_freeze"]) == 2
    assert _only(found["n_optical"]) == 2
    assert _only(found["n_toa"]) == 0


def test_types_suit_a_file(season):
    synthetic = season()
    synthetic.connect()
    image = soil_moisture_image(region=synthetic.region(), year=2020, orbit="A")
    types = {name: kind["precision"] for name, kind in image.bandTypes().getInfo().items()}
    assert types["soil_moisture"] == types["standard_error"] == "float"
    ranges = image.bandTypes().getInfo()
    assert (ranges["status"]["min"], ranges["status"]["max"]) == (0, 255)
    assert ranges["n_thaw"]["max"] == 65535


@pytest.mark.parametrize("recipe", [LI2025, ROBUST], ids=["li2025", "robust"])
def test_angle_and_slope_corrections_cancel_in_one_orbit(season, recipe):
    """Hills, a tilted swath and speckle: with and without the corrections, the same difference."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:80, 0:80]
    hills = 4500 + 40 * np.sin(columns / 7) + 40 * np.cos(rows / 9)
    angle = np.linspace(30, 45, 60)[None, :].repeat(60, 0)
    synthetic = season(
        thaw=rng.gamma(40, 0.1 / 40, (60, 60)),
        freeze=rng.gamma(40, 0.05 / 40, (60, 60)),
        elevation=hills,
        angle=angle,
    )
    synthetic.connect()
    plain = dataclasses.replace(
        recipe, slope_model="none", angle_slope_ascending=None, layover_buffer_m=0
    )
    maps = {
        model: _map(
            synthetic, recipe=dataclasses.replace(recipe, slope_model=model, layover_buffer_m=0)
        )
        for model in ("volume", "surface")
    }
    bare = _map(synthetic, recipe=plain)
    assert np.isfinite(bare["soil_moisture"]).mean() > 0.9
    for found in maps.values():
        np.testing.assert_allclose(
            found["soil_moisture"], bare["soil_moisture"], atol=1e-7, equal_nan=True
        )


def test_each_orbit_is_compared_with_its_own_winter(season):
    """A second orbit, 4 dB darker all year and with one scene a season, must not matter."""
    synthetic = season()
    darker = 10**-0.4
    synthetic.add_s1("2020-07-20T12:00:00", 0.1 * darker, relative_orbit=85)
    synthetic.add_s2("2020-07-21T04:30:00")
    synthetic.add_s1("2020-02-20T12:00:00", 10**-1.3 * darker, relative_orbit=85)
    synthetic.connect()
    per_orbit = _map(synthetic, recipe=ROBUST)
    np.testing.assert_allclose(per_orbit["soil_moisture"], _expected("A", 3.0), atol=1e-5)
    assert _only(per_orbit["n_thaw"]) == 3
    assert _only(per_orbit["n_freeze"]) == 3
    known = _map(synthetic, recipe=ROBUST, relative_orbits=[12, 85])
    np.testing.assert_array_equal(known["soil_moisture"], per_orbit["soil_moisture"])
    one = _map(synthetic, recipe=ROBUST, relative_orbits=[85])
    assert _only(one["n_thaw"]) == 1


def test_mixed_orbits_take_the_winter_of_all(season):
    synthetic = season()
    synthetic.add_s1("2020-02-20T12:00:00", 10**-1.7, relative_orbit=85)
    synthetic.connect()
    mixed = _map(synthetic, recipe=LI2025)
    winter = np.mean([-13, -13, -17])
    np.testing.assert_allclose(mixed["soil_moisture"], _expected("A", -10 - winter), atol=1e-5)
    separate = _map(synthetic, recipe=ROBUST)
    np.testing.assert_allclose(separate["soil_moisture"], _expected("A", 3.0), atol=1e-5)


def test_robust_averages_power_and_li2025_reads_the_pixels_of_the_export(season):
    """A chessboard of 100 m pixels, each half at -6 and half at -16 dB in summer."""
    halves = np.where(np.arange(60) % 10 < 5, 10**-0.6, 10**-1.6)[None, :].repeat(60, 0)
    synthetic = season(thaw=halves, freeze=10**-1.9)
    synthetic.connect()
    unfiltered = dataclasses.replace(ROBUST, speckle_filter=False, layover_buffer_m=0)
    in_power = _map(synthetic, recipe=unfiltered, scale=100)["soil_moisture"]
    mean_power = 10 * np.log10((10**-0.6 + 10**-1.6) / 2)
    np.testing.assert_allclose(in_power, _expected("A", mean_power + 19), atol=1e-5)
    in_db = _map(synthetic, recipe=dataclasses.replace(unfiltered, aggregate_in="db"), scale=100)[
        "soil_moisture"
    ]
    np.testing.assert_allclose(in_db, _expected("A", -11 + 19), atol=1e-5)


def test_li2025_filters_the_pixels_of_the_export_and_robust_those_of_the_scene(season):
    """A bright 100 m field: unpinned, its neighbours of 300 m take part in the filter."""
    thaw = np.full((60, 60), 10**-1.2)
    thaw[20:30, 20:30] = 10**-0.6
    rng = np.random.default_rng(5)
    synthetic = season(thaw=thaw * rng.gamma(20, 1 / 20, thaw.shape), freeze=10**-1.9)
    synthetic.connect()
    pinned = _map(synthetic, recipe=ROBUST, scale=100)["soil_moisture"]
    assert pinned[2, 2] == pytest.approx(_expected("A", -6 + 19), abs=0.006)
    loose = _map(synthetic, recipe=LI2025, scale=100)["soil_moisture"]
    assert not np.allclose(loose, pinned, atol=1e-3)


def test_threshold_before_the_filter_masks_pixels_and_behind_it_areas(season):
    rng = np.random.default_rng(6)
    dark = rng.gamma(4.4, 10**-1.85 / 4.4, (60, 60))
    synthetic = season(thaw=10**-1.4, freeze=dark)
    synthetic.connect()
    before = _map(synthetic, recipe=dataclasses.replace(ROBUST, threshold="before_filter"))
    after = _map(synthetic, recipe=ROBUST)
    lost = {
        name: (found["status"] == Status.BACKSCATTER_OUT_OF_RANGE).mean()
        for name, found in (("before", before), ("after", after))
    }
    assert lost["before"] > 0.2
    assert lost["after"] < 0.05
    truth = _expected("A", -14 + 18.5)
    bias = {
        "before": np.nanmean(before["soil_moisture"]) - truth,
        "after": np.nanmean(after["soil_moisture"]) - truth,
    }
    # Cut speckle brightens the winter, so that the difference and the moisture come out low.
    assert bias["before"] < -0.008
    assert abs(bias["after"]) < 0.004


def test_only_the_scenes_of_a_month_or_of_a_day(season):
    synthetic = season()
    synthetic.add_s1("2020-08-22T12:00:00", 10**-1.1)
    synthetic.add_s2("2020-08-23T04:30:00")
    synthetic.connect()
    july = _map(synthetic, period="month", month=7)
    np.testing.assert_allclose(july["soil_moisture"], _expected("A", 3.0), atol=1e-5)
    assert _only(july["n_thaw"]) == 1
    august = _map(synthetic, period="month", month=8)
    np.testing.assert_allclose(august["soil_moisture"], _expected("A", 2.5), atol=1e-5)
    day = _map(synthetic, period="pass", date="2020-08-22")
    np.testing.assert_allclose(day["soil_moisture"], _expected("A", 2.0), atol=1e-5)
    assert _only(day["n_thaw"]) == 1


def test_another_winter(season):
    synthetic = season()
    synthetic.add_s1("2021-01-20T12:00:00", 10**-1.5)
    synthetic.connect()
    found = _map(synthetic, winter=2021)
    np.testing.assert_allclose(found["soil_moisture"], _expected("A", 5.0), atol=1e-5)


def test_a_pass_without_a_clear_week_takes_the_seasons_indices_or_is_dropped(season):
    synthetic = season()
    synthetic.add_s1("2020-07-26T12:00:00", 10**-0.7)
    synthetic.connect()
    dropped = _map(synthetic, recipe=dataclasses.replace(ROBUST, optical_fallback_days=None))
    np.testing.assert_allclose(dropped["soil_moisture"], _expected("A", 3.0), atol=1e-5)
    assert _only(dropped["n_thaw"]) == 2
    kept = _map(synthetic, recipe=ROBUST)
    np.testing.assert_allclose(kept["soil_moisture"], _expected("A", 4.0), atol=1e-5)
    assert _only(kept["n_thaw"]) == 3
    assert _only(kept["n_optical"]) == 2


def test_top_of_atmosphere_views_are_counted(season):
    synthetic = season(
        optical={"asset_id": "COPERNICUS/S2_HARMONIZED", "scl": None, "b8": 0.4, "b11": 0.3}
    )
    # The surface-reflectance collection exists and has nothing in this season.
    synthetic.add_s2("2020-03-01T04:30:00")
    synthetic.connect()
    without = _map(synthetic)
    assert _only(without["status"]) == Status.NO_OPTICAL_VIEW
    found = _map(synthetic, recipe=dataclasses.replace(ROBUST, toa_fallback=True))
    assert _only(found["n_optical"]) == 2
    assert _only(found["n_toa"]) == 2
    wanted = _expected("A", 3.0, ndvi=0.34 / 0.46, ndmi=0.1 / 0.7)
    np.testing.assert_allclose(found["soil_moisture"], wanted, atol=1e-5)


def test_mean_of_the_retrievals_is_the_retrieval_of_the_means(season, days_after):
    """Two passes with their own indices: the map equals the mean of the two passes' maps."""
    synthetic = season()
    for day, power, near_infrared in (("2020-07-17", 10**-0.9, 0.4), ("2020-08-25", 10**-1.2, 0.2)):
        synthetic.add_s1(f"{day}T12:00:00", power)
        synthetic.add_s2(f"{day}T04:30:00", b8=near_infrared)
    synthetic.connect()
    whole = _map(synthetic)["soil_moisture"]
    days = ("2020-07-05", "2020-07-17", "2020-08-10", "2020-08-25")
    passes = [_map(synthetic, period="pass", date=day)["soil_moisture"] for day in days]
    np.testing.assert_allclose(whole, np.mean(passes, axis=0), atol=1e-6)


def test_standard_error_is_the_propagated_one(season):
    synthetic = season()
    synthetic.connect()
    coefficients = coefficients_for("A")
    found = _map(synthetic, scale=100, recipe=ROBUST)["standard_error"]
    looks = 4.4 * (100 + 16.5) ** 2 / 440
    speckle = coefficients.a**2 * (10 / np.log(10)) ** 2 / looks * (1 / 2 + 1 / 2)
    regression = coefficients.prediction_std([[3.0, NDVI, NDMI]])[0]
    np.testing.assert_allclose(found, np.sqrt(regression**2 + speckle), rtol=1e-5)
    only = dataclasses.replace(ROBUST, error_parts=("speckle",))
    found = _map(synthetic, scale=100, recipe=only)["standard_error"]
    np.testing.assert_allclose(found, np.sqrt(speckle), rtol=1e-5)


def test_speckle_error_is_that_of_repeated_pixels(season):
    """Scatter of a map of constant truth, against the standard error it states."""
    rng = np.random.default_rng(7)
    summer, winter = (
        tuple(rng.gamma(4.4, power / 4.4, (60, 60)) for _ in range(2)) for power in (0.1, 0.05)
    )
    synthetic = season(thaw=summer, freeze=winter)
    synthetic.connect()
    recipe = dataclasses.replace(
        ROBUST, error_parts=("speckle",), cell_area_m2=100.0, layover_buffer_m=0
    )
    found = _map(synthetic, recipe=recipe, scale=50)
    scatter = np.std(found["soil_moisture"])
    assert scatter == pytest.approx(_only(found["standard_error"].astype("float32")), rel=0.2)


class TestStatus:
    def _at(self, found, row=30, column=30):
        return found["status"][row, column], found["soil_moisture"][row, column]

    def test_no_scene_in_summer_and_none_in_winter(self, season):
        half = np.full((60, 60), 0.1, "float32")
        half[:, :30] = np.nan
        synthetic = season(thaw=half)
        synthetic.connect()
        found = _map(synthetic)
        assert (found["status"][:, :29] == Status.NO_THAW_SCENE).all()
        assert (found["status"][:, 30:] == Status.VALID).all()
        assert np.isnan(found["soil_moisture"][:, :29]).all()
        assert (found["n_thaw"][:, :29] == 0).all()
        descending = _map(synthetic, orbit="D")
        assert _only(descending["status"]) == Status.NO_THAW_SCENE
        assert np.isnan(descending["soil_moisture"]).all()
        other_winter = _map(synthetic, winter=2019)
        assert (other_winter["status"][:, 30:] == Status.NO_FREEZE_SCENE).all()

    def test_winter_of_another_orbit_does_not_count(self, season):
        synthetic = season(freeze=None)
        synthetic.add_s1("2020-01-20T12:00:00", 0.05, relative_orbit=85)
        synthetic.connect()
        assert _only(_map(synthetic, recipe=ROBUST)["status"]) == Status.NO_FREEZE_SCENE
        assert _only(_map(synthetic, recipe=LI2025)["status"]) == Status.VALID

    @pytest.mark.parametrize("scale", [10, 100])
    def test_land_cover(self, season, scale):
        classes = np.full((60, 60), 60, "uint8")
        for number, value in enumerate((10, 40, 50, 70, 80)):
            classes[:, number * 10 : number * 10 + 10] = value
        synthetic = season(land_cover=classes)
        synthetic.connect()
        found = _map(synthetic, recipe=ROBUST, scale=scale)
        middle = found["status"][:, (100 // scale) // 2 :: 100 // scale]
        wanted = (
            Status.FOREST,
            Status.CROPLAND,
            Status.BUILT_UP,
            Status.SNOW_AND_ICE,
            Status.WATER,
            Status.VALID,
        )
        for column, code in enumerate(wanted):
            assert _only(middle[:, column]) == code
        np.testing.assert_array_equal(np.isnan(found["soil_moisture"]), found["status"] != 0)
        paper = _map(synthetic, recipe=LI2025, scale=scale)["status"]
        middle = paper[:, (100 // scale) // 2 :: 100 // scale]
        for column, code in enumerate(wanted):
            in_the_paper = code in (Status.FOREST, Status.CROPLAND, Status.BUILT_UP)
            assert _only(middle[:, column]) == (code if in_the_paper else Status.VALID)

    def test_a_pixel_half_excluded_is_made_of_the_other_half(self, season):
        """40 % forest, 9 dB brighter: robust leaves it out of the mean, so it cannot be seen."""
        forest = np.zeros((60, 60), bool)
        forest[:, 24:28] = True
        thaw = np.where(forest, 10**-0.55, 0.1)
        synthetic = season(thaw=thaw, land_cover=np.where(forest, 10, 60))
        synthetic.connect()
        clean = dataclasses.replace(ROBUST, speckle_filter=False)
        found = _map(synthetic, recipe=clean, scale=100)
        assert (found["status"] == Status.VALID).all()
        np.testing.assert_allclose(found["soil_moisture"], _expected("A", 3.0), atol=1e-5)
        strict = _map(
            synthetic, recipe=dataclasses.replace(clean, min_valid_fraction=0.7), scale=100
        )
        assert (strict["status"][:, 2] == Status.FOREST).all()

    def test_water_by_its_index(self, season):
        synthetic = season(optical={"b3": 0.10, "b8": 0.04})
        synthetic.connect()
        assert _only(_map(synthetic)["status"]) == Status.WATER
        ignored = _map(synthetic, recipe=dataclasses.replace(ROBUST, water_ndwi=None))
        assert _only(ignored["status"]) == Status.VALID

    @pytest.mark.parametrize("recipe", [LI2025, ROBUST], ids=["li2025", "robust"])
    def test_smooth_water_is_water_and_not_out_of_range(self, season, recipe):
        synthetic = season(thaw=10**-2.5, optical={"b3": 0.10, "b8": 0.04})
        synthetic.connect()
        assert _only(_map(synthetic, recipe=recipe)["status"]) == Status.WATER

    @pytest.mark.parametrize("scale", [10, 100])
    def test_layover(self, season, scale):
        columns = np.arange(80) * 10.0
        # The western third climbs eastwards at 45 degrees: it faces the ascending radar.
        heights = 4500 + np.clip(columns, 0, 300)[None, :].repeat(80, 0)
        synthetic = season(elevation=heights)
        synthetic.connect()
        found = _map(synthetic, scale=scale, recipe=dataclasses.replace(ROBUST, layover_buffer_m=0))
        pixel = 100 // scale
        assert (found["status"][:, :pixel] == Status.LAYOVER_OR_SHADOW).all()
        assert (found["status"][:, 3 * pixel :] == Status.VALID).all()

    def test_backscatter_out_of_range(self, season):
        synthetic = season(freeze=10**-2.3)
        synthetic.connect()
        for recipe in (LI2025, ROBUST):
            status = _map(synthetic, recipe=recipe)["status"]
            assert _only(status) == Status.BACKSCATTER_OUT_OF_RANGE
        untested = _map(synthetic, recipe=dataclasses.replace(ROBUST, threshold="none"))
        assert _only(untested["status"]) == Status.VALID

    def test_no_optical_view(self, season):
        synthetic = season(optical={"score": 0.0})
        synthetic.connect()
        for recipe in (LI2025, ROBUST):
            assert _only(_map(synthetic, recipe=recipe)["status"]) == Status.NO_OPTICAL_VIEW

    def test_negative_difference(self, season):
        synthetic = season(thaw=10**-1.4, freeze=10**-1.3)
        synthetic.connect()
        for recipe in (LI2025, ROBUST):
            status = _map(synthetic, recipe=recipe)["status"]
            assert _only(status) == Status.NEGATIVE_DIFFERENCE
        kept = _map(synthetic, recipe=dataclasses.replace(ROBUST, mask_negative_difference=False))
        np.testing.assert_allclose(kept["soil_moisture"], _expected("A", -1.0), atol=1e-5)


class TestRequests:
    def test_spans_of_a_season_a_month_and_a_pass(self):
        season = seasons(year=2020)
        assert str(season.thaw_start) == "2020-07-01"
        assert str(season.thaw_end) == "2020-09-01"
        assert str(season.freeze_start) == "2020-01-01"
        assert str(season.freeze_end) == "2020-03-01"
        month = seasons(year=2020, period="month", month=8, winter=2019)
        assert str(month.thaw_start) == "2020-08-01"
        assert str(month.freeze_end) == "2019-03-01"
        day = seasons(year=2020, period="pass", date="2020-07-31")
        assert str(day.thaw_end) == "2020-08-01"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"period": "week"}, "'season', 'month' or 'pass'"),
            ({"period": "month"}, "month=None"),
            ({"period": "month", "month": 5}, "month=5"),
            ({"period": "pass"}, "needs date="),
            ({"period": "pass", "date": "2020-05-05"}, "outside the thawing season"),
            ({"period": "pass", "date": "2021-07-05"}, "outside the thawing season"),
        ],
    )
    def test_periods_that_cannot_be(self, options, message):
        with pytest.raises(PeriodError, match=message):
            seasons(year=2020, **options)

    def test_orbit_and_scale_are_checked(self, synthetic):
        synthetic.connect()
        with pytest.raises(ValueError, match="'A' \\(ascending\\)"):
            soil_moisture_image(region=ee.Geometry.Point(91, 33), year=2020, orbit="X")
        with pytest.raises(ValueError, match="scale_m must be a positive"):
            soil_moisture_image(region=ee.Geometry.Point(91, 33), year=2020, orbit="A", scale_m=0)
