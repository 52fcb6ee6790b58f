"""Each product on a few stored pixels whose physical values are worked out by hand."""

from __future__ import annotations

import datetime as dt
import warnings

import ee
import numpy as np
import pytest

from gee_sm.catalog import (
    DATASETS,
    PRODUCTS,
    UnavailableProductError,
    UnknownBandError,
    UnknownProductError,
    UnknownQualityError,
    collection,
    dataset,
    product,
)
from gee_sm.catalog.dataset import DeprecatedDatasetWarning
from gee_sm.catalog.quality import bits

NAN = np.nan
DAY_MS = 86_400_000


def _same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def _starts(images):
    return [
        dt.datetime.fromtimestamp(ms / 1000, dt.UTC).date().isoformat()
        for ms in images.aggregate_array("system:time_start").getInfo()
    ]


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_product_is_complete(name):
    entry = product(name)
    assert entry.name == name
    assert len(set(entry.band_names)) == len(entry.variables) > 0
    assert all(variable.unit for variable in entry.variables)
    if not entry.user_supplied:
        assert all(DATASETS[source.id] is source for source in entry.sources)
        assert not any(source.successor for source in entry.sources)


def test_bits():
    words = ee.Image.constant([0b11010010, 0b00000001]).toUint8().rename(["a", "b"])

    def at(image):
        return image.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()

    assert at(bits(words, 0, 1)) == {"a": 2, "b": 1}
    assert at(bits(words, 4)) == {"a": 1, "b": 0}
    assert at(bits(words, 6, 7)) == {"a": 3, "b": 0}
    with pytest.raises(ValueError, match="first=3, last=1"):
        bits(words, 3, 1)


# SMAP ----------------------------------------------------------------------------------------


def _smap(row, version, time, am=0.2, pm=0.3, am_flag=0, pm_flag=0, tb_flag=0):
    bands = {}
    for half, value, flag in (("am", am, am_flag), ("pm", pm, pm_flag)):
        bands[f"soil_moisture_{half}"] = value
        bands[f"tb_h_corrected_{half}"] = 240.0
        bands[f"tb_v_corrected_{half}"] = 260.0
        bands[f"vegetation_water_content_{half}"] = 0.5
        bands[f"retrieval_qual_flag_{half}"] = (flag, "uint16")
        bands[f"tb_qual_flag_h_{half}"] = (tb_flag, "uint16")
        bands[f"tb_qual_flag_v_{half}"] = (0, "uint16")
    return row.add(f"NASA/SMAP/SPL3SMP_E/{version}", time, **bands)


def test_smap_versions_join_on_the_fourth_of_december_without_double_days(row):
    for day in ("2023-12-02", "2023-12-03", "2023-12-04"):
        _smap(row, "005", day, am=0.11)
    for day in ("2023-12-03", "2023-12-04", "2023-12-05"):
        _smap(row, "006", day, am=0.22)
    row.connect()
    found = collection("smap", "2023-12-02", "2023-12-06").sort("system:time_start")
    assert _starts(found) == ["2023-12-02", "2023-12-03", "2023-12-04", "2023-12-05"]
    assert [s[-3:] for s in found.aggregate_array("source").getInfo()] == [
        "005",
        "005",
        "006",
        "006",
    ]
    values = [row.read(found.toList(4).get(i), 1)["soil_moisture_am"][0].round(3) for i in range(4)]
    assert values == [0.11, 0.11, 0.22, 0.22]
    # A period within one version asks for that version only.
    with_one = collection("smap", "2023-12-05", "2023-12-06")
    assert "SPL3SMP_E/005" not in with_one.serialize()
    assert with_one.first().get("unit_soil_moisture").getInfo() == "m3 m-3"


def test_smap_flags_are_pass_and_fail_not_the_bits_of_the_manual(row):
    # 1 is a failure although bit 0 alone might be read otherwise; 8 is no pass either.
    _smap(
        row,
        "005",
        "2020-07-01",
        am=[0.2] * 4,
        pm=[0.3] * 4,
        am_flag=[0, 1, 0, 8],
        pm_flag=[0, 0, 1, 1],
    )
    row.connect()
    found = row.read(collection("smap", "2020-07-01", "2020-07-02").first(), 4)
    _same(found["soil_moisture_am"], [0.2, NAN, 0.2, NAN])
    _same(found["soil_moisture_pm"], [0.3, 0.3, NAN, NAN])
    _same(found["soil_moisture"], [0.25, 0.3, 0.2, NAN])
    lenient = collection("smap", "2020-07-01", "2020-07-02", quality="usable").first()
    _same(row.read(lenient, 4)["soil_moisture"], [0.25] * 4)


def test_smap_brightness_temperatures_go_by_their_own_flag(row):
    _smap(row, "005", "2020-07-01", am=[0.2] * 2, am_flag=[1, 0], tb_flag=[0, 1])
    row.connect()
    found = row.read(collection("smap", "2020-07-01", "2020-07-02").first(), 2)
    _same(found["tb_h_am"], [240, NAN])
    _same(found["tb_v_am"], [260, 260])
    _same(found["soil_moisture_am"], [NAN, 0.2])


# Models --------------------------------------------------------------------------------------


def test_gldas_mass_of_water_becomes_volume_by_layer_thickness(row):
    moisture = {"SoilMoi0_10cm_inst": 25.0, "SoilMoi10_40cm_inst": 90.0}
    moisture |= {"SoilMoi40_100cm_inst": 120.0, "SoilMoi100_200cm_inst": 150.0}
    layers = ("0_10", "10_40", "40_100", "100_200")
    temperature = {f"SoilTMP{layer}cm_inst": 280.0 for layer in layers}
    row.add(
        "NASA/GLDAS/V021/NOAH/G025/T3H",
        "2020-07-01T03:00:00",
        **moisture,
        **temperature,
        Rainf_f_tavg=1e-4,
    )
    row.connect()
    image = collection("gldas", "2020-07-01", "2020-07-02").first()
    found = row.read(image, 1)
    for layer, expected in zip(layers, (0.25, 0.30, 0.20, 0.15), strict=True):
        _same(found[f"soil_moisture_{layer}cm"], expected)
    _same(found["precipitation"], 1e-4 * 3 * 3600)
    length = image.getNumber("system:time_end").subtract(image.getNumber("system:time_start"))
    assert length.getInfo() == 3 * 3600 * 1000


def test_era5_land_layers_are_0_7_28_100_289_cm_and_rain_is_in_mm(row):
    bands = {f"volumetric_soil_water_layer_{i}": 0.1 * i for i in (1, 2, 3, 4)}
    bands |= {f"soil_temperature_level_{i}": 270.0 + i for i in (1, 2, 3, 4)}
    row.add(
        "ECMWF/ERA5_LAND/DAILY_AGGR",
        "2020-07-01",
        **bands,
        temperature_2m=285.0,
        total_precipitation_sum=[0.0123, -1e-7],
        snow_depth_water_equivalent=0.002,
    )
    row.connect()
    found = row.read(collection("era5_land", "2020-07-01", "2020-07-02").first(), 2)
    for i, layer in enumerate(("0_7", "7_28", "28_100", "100_289"), 1):
        _same(found[f"soil_moisture_{layer}cm"][0], 0.1 * i)
        _same(found[f"soil_temperature_{layer}cm"][0], 270 + i)
    _same(found["precipitation"], [12.3, 0.0])
    _same(found["snow_water_equivalent"][0], 2.0)


def test_chirps_is_millimetres_and_its_fill_is_masked(row):
    row.add("UCSB-CHG/CHIRPS/DAILY", "2020-07-01", precipitation=[0.0, 12.5, -9999.0])
    row.connect()
    found = row.read(collection("chirps", "2020-07-01", "2020-07-02").first(), 3)
    _same(found["precipitation"], [0.0, 12.5, NAN])


# MODIS ---------------------------------------------------------------------------------------

# Mandatory bits 0-1 and error bits 6-7 of the LST quality word.
LST_WORDS = [0b00000000, 0b00000001, 0b01000001, 0b10000001, 0b11000001, 0b00000010, 0b00000011]


@pytest.mark.parametrize(
    ("name", "asset_id", "angle"),
    [
        ("modis_lst", "MODIS/061/MOD11A1", "view_angle"),
        ("modis_lst_8day", "MODIS/061/MOD11A2", "view_angl"),
    ],
)
def test_lst_scale_quality_and_the_two_spellings_of_the_view_angle(row, name, asset_id, angle):
    count = len(LST_WORDS)
    bands = {}
    for half, temperature in (("Day", 15000), ("Night", 13500)):
        bands |= {
            f"LST_{half}_1km": [temperature] * (count - 1) + [0],
            f"{half}_view_time": 105,
            f"{half}_{angle}": 65,
            f"QC_{half}": (LST_WORDS, "uint8"),
        }
    row.add(asset_id, "2020-07-03", "uint16", **bands)
    row.connect()
    good, usable, everything = (
        row.read(collection(name, "2020-07-03", "2020-07-04", quality=q).first(), count)
        for q in ("good", "usable", "none")
    )
    _same(good["lst_day"], [300.0] + [NAN] * 6)
    _same(usable["lst_day"], [300.0] * 3 + [NAN] * 4)
    _same(everything["lst_night"], [270.0] * 6 + [NAN])
    _same(good["lst_view_time_solar_day"][0], 10.5)
    _same(good["lst_view_angle_day"][0], 0.0)


def test_lst_night_goes_by_its_own_quality_word(row):
    bands = {}
    for half, words in (("Day", [0, 2]), ("Night", [2, 0])):
        bands |= {f"LST_{half}_1km": [15000, 15000], f"{half}_view_time": 105}
        bands |= {f"{half}_view_angle": 65, f"QC_{half}": (words, "uint8")}
    row.add("MODIS/061/MOD11A1", "2020-07-03", "uint16", **bands)
    row.connect()
    found = row.read(collection("modis_lst", "2020-07-03", "2020-07-04").first(), 2)
    _same(found["lst_day"], [300, NAN])
    _same(found["lst_night"], [NAN, 300])


def test_vegetation_indices_by_summary_quality(row):
    row.add(
        "MODIS/061/MOD13A2",
        "2020-06-25",
        "int16",
        NDVI=[6543, 5000, 4000, 3000, -3000],
        EVI=3210,
        DayOfYear=[180, 181, 182, 183, 184],
        SummaryQA=([0, 1, 2, 3, 0], "uint8"),
    )
    row.connect()
    good, usable = (
        row.read(collection("modis_ndvi", "2020-07-01", "2020-07-02", quality=q).first(), 5)
        for q in ("good", "usable")
    )
    _same(good["ndvi"], [0.6543, NAN, NAN, NAN, NAN])
    _same(usable["ndvi"], [0.6543, 0.5, NAN, NAN, NAN])
    _same(good["evi"], [0.321, NAN, NAN, NAN, 0.321])
    _same(usable["day_of_year"], [180, 181, NAN, NAN, 184])


def test_leaf_area_quality_bits(row):
    # bit 0 MODLAND, bits 3-4 cloud, bits 5-7 method.
    words = [0, 0b00100000, 0b00000001, 0b00001000, 0b00010000, 0b00011000, 0b01000001, 0b10000001]
    row.add(
        "MODIS/061/MOD15A2H",
        "2020-07-03",
        "uint8",
        Lai_500m=[23] * 8 + [253],
        Fpar_500m=[56] * 8 + [254],
        FparLai_QC=[*words, 0],
    )
    row.connect()
    good, usable = (
        row.read(collection("modis_lai", "2020-07-03", "2020-07-04", quality=q).first(), 9)
        for q in ("good", "usable")
    )
    _same(good["lai"], [2.3, 2.3, NAN, NAN, NAN, 2.3, NAN, NAN, NAN])
    _same(usable["lai"], [2.3, 2.3, 2.3, NAN, 2.3, 2.3, 2.3, NAN, NAN])
    _same(good["fapar"][:2], [0.56, 0.56])


def test_state_bits_of_surface_reflectance(row):
    land = 1 << 3
    bad = [1, 2, 1 << 2, 2 << 8, 1 << 10, 1 << 12, 1 << 15]
    doubtful = [1 << 8, 1 << 13]
    words = [land, land | 3, *(land | b for b in bad), *(land | d for d in doubtful)]
    bands = {f"sur_refl_b{i:02d}": 100 * i for i in range(1, 8)}
    bands["sur_refl_b01"] = [1234] * len(words)
    for name in list(bands)[1:]:
        bands[name] = [bands[name]] * len(words)
    row.add(
        "MODIS/061/MOD09A1",
        "2020-07-03",
        "int16",
        **bands,
        DayOfYear=[185] * len(words),
        StateQA=(words, "uint16"),
    )
    row.connect()
    good, usable = (
        row.read(
            collection("modis_reflectance", "2020-07-03", "2020-07-04", quality=q).first(),
            len(words),
        )
        for q in ("good", "usable")
    )
    _same(good["reflectance_b1"], [0.1234] * 2 + [NAN] * 9)
    _same(usable["reflectance_b1"], [0.1234] * 2 + [NAN] * 7 + [0.1234] * 2)
    _same(good["reflectance_b7"][0], 0.07)


def test_albedo_is_white_sky_band_7_under_its_own_quality(row):
    albedo = {
        f"Albedo_{sky}_{band}": ([value] * 2 + [32767], "int16")
        for sky, band, value in (
            ("WSA", "Band7", 231),
            ("WSA", "shortwave", 180),
            ("BSA", "Band7", 210),
            ("BSA", "shortwave", 170),
        )
    }
    grades = {
        "BRDF_Albedo_Band_Mandatory_Quality_Band7": ([0, 1, 0], "uint8"),
        "BRDF_Albedo_Band_Mandatory_Quality_shortwave": ([1, 0, 0], "uint8"),
    }
    row.add("MODIS/061/MCD43A3", "2020-07-03", **albedo, **grades)
    row.connect()
    good = row.read(collection("modis_albedo", "2020-07-03", "2020-07-04").first(), 3)
    _same(good["albedo_white_sky_band7"], [0.231, NAN, NAN])
    _same(good["albedo_white_sky_shortwave"], [NAN, 0.18, NAN])
    usable = collection("modis_albedo", "2020-07-03", "2020-07-04", quality="usable").first()
    _same(row.read(usable, 3)["albedo_white_sky_band7"], [0.231, 0.231, NAN])


# Time ----------------------------------------------------------------------------------------


def test_a_composite_belongs_to_a_period_that_any_of_its_days_touches(row):
    for day in ("2020-12-10", "2020-12-18", "2020-12-26", "2021-01-01"):
        row.add("MODIS/061/MOD15A2H", day, "uint8", Lai_500m=10, Fpar_500m=50, FparLai_QC=0)
    row.connect()
    found = collection("modis_lai", "2020-12-25", "2021-01-01").sort("system:time_start")
    assert _starts(found) == ["2020-12-18", "2020-12-26"]
    ends = found.aggregate_array("system:time_end").getInfo()
    starts = found.aggregate_array("system:time_start").getInfo()
    # The last 8-day period of 2020 has 6 days, because the next starts on 1 January.
    assert [(e - s) / DAY_MS for s, e in zip(starts, ends, strict=True)] == [8, 6]
    assert _starts(collection("modis_lai", "2021-01-01", "2021-01-02")) == ["2021-01-01"]


def test_a_monthly_product_ends_with_its_month(row):
    for day in ("2021-02-01", "2021-03-01"):
        row.add("MODIS/061/MOD13A3", day, "int16", NDVI=5000, EVI=3000, SummaryQA=(0, "uint8"))
    row.connect()
    assert _starts(collection("modis_ndvi_monthly", "2021-03-01", "2021-03-02")) == ["2021-03-01"]
    assert "day_of_year" not in product("modis_ndvi_monthly").band_names


def test_soil_texture_adds_up_and_carries_the_period_asked_for(row):
    depths = (0, 10, 30, 60, 100, 200)
    sand = {f"b{d}": [60, 70] for d in depths}
    clay = {f"b{d}": [15, 31] for d in depths}
    row.add("OpenLandMap/SOL/SOL_SAND-WFRACTION_USDA-3A1A1A_M/v02", None, "uint8", **sand)
    row.add("OpenLandMap/SOL/SOL_CLAY-WFRACTION_USDA-3A1A1A_M/v02", None, "uint8", **clay)
    row.connect()
    found = collection("soil_texture", "2020-07-01", "2020-08-01")
    pixels = row.read(found.first(), 2)
    _same(pixels["sand_0cm"], [60, 70])
    _same(pixels["silt_30cm"], [25, 0])
    _same(pixels["clay_200cm"], [15, 31])
    assert _starts(found) == ["2020-07-01"]


def test_terrain_slopes_to_the_east(synthetic):
    # 1 m in 10 m, falling to the east.
    synthetic.add_elevation(np.tile(5000.0 - np.arange(80), (80, 1)))
    synthetic.connect()
    found = collection("terrain", "2020-07-01", "2020-08-01").first()
    pixels = synthetic.read(found, size=60)
    _same(pixels["elevation"][0, :3], 5000.0 - np.arange(10, 13))
    np.testing.assert_allclose(pixels["slope"], np.degrees(np.arctan(0.1)), atol=1e-3)
    np.testing.assert_allclose(pixels["aspect"], 90, atol=1e-3)
    assert product("terrain").variable("aspect").kind == "direction"


def test_a_yearly_map_belongs_to_the_days_of_its_year(row):
    for year, cover in ((2019, 10), (2020, 16)):
        row.add("MODIS/061/MCD12Q1", f"{year}-01-01", "uint8", LC_Type1=[cover, 255])
    row.connect()
    for start, end, expected in (
        ("2020-12-31", "2021-01-01", [16]),
        ("2019-12-31", "2020-01-02", [10, 16]),
    ):
        found = collection("modis_land_cover", start, end).sort("system:time_start")
        classes = [
            row.read(found.toList(9).get(i), 2)["land_cover"] for i in range(found.size().getInfo())
        ]
        _same([pair[0] for pair in classes], expected)
        assert all(np.isnan(pair[1]) for pair in classes)


def test_snow_by_its_grade(row):
    row.add(
        "MODIS/061/MOD10A1",
        "2020-01-01",
        "uint8",
        NDSI_Snow_Cover=[80, 80, 80, 250],
        NDSI_Snow_Cover_Basic_QA=[0, 2, 211, 0],
    )
    row.connect()
    good, usable = (
        row.read(collection("modis_snow", "2020-01-01", "2020-01-02", quality=q).first(), 4)
        for q in ("good", "usable")
    )
    _same(good["snow_index"], [0.8, NAN, NAN, NAN])
    _same(usable["snow_index"], [0.8, 0.8, NAN, NAN])


def test_gap_free_temperature_is_kelvin_whatever_its_band_is_called(row):
    asset = "projects/sat-io/open-datasets/gap-filled-lst/gf_day_1km"
    row.add(asset, "2020-07-01", x=[-50.0, 215.0])
    row.connect()
    found = collection("gap_free_lst_day", "2020-07-01", "2020-07-02").first()
    _same(row.read(found, 2)["lst_day"], [268.15, 294.65])
    assert collection("gap_free_lst_day", "2022-07-01", "2022-07-02").size().getInfo() == 0


def test_every_band_keeps_the_grid_it_is_stored_on(row):
    """Aggregation to coarser pixels starts from that grid."""
    _smap(row, "005", "2020-07-01")
    depths = {f"b{d}": 40 for d in (0, 10, 30, 60, 100, 200)}
    for code in ("SAND-WFRACTION_USDA-3A1A1A_M", "CLAY-WFRACTION_USDA-3A1A1A_M"):
        row.add(f"OpenLandMap/SOL/SOL_{code}/v02", None, "uint8", **depths)
    row.add("USGS/SRTMGL1_003", None, elevation=4500.0)
    row.connect()
    for name in ("smap", "soil_texture", "terrain"):
        image = collection(name, "2020-07-01", "2020-07-02").first()
        for band in product(name).band_names:
            assert image.select(band).projection().nominalScale().getInfo() == pytest.approx(10)


# Names and errors ----------------------------------------------------------------------------


def test_bands_are_chosen_by_our_names(row):
    row.add("UCSB-CHG/CHIRPS/DAILY", "2020-07-01", precipitation=1.0)
    row.connect()
    found = collection("chirps", "2020-07-01", "2020-07-02", bands=["precipitation"])
    assert found.first().bandNames().getInfo() == ["precipitation"]
    with pytest.raises(UnknownBandError, match=r"chirps has no band 'rain'; .* precipitation"):
        collection("chirps", "2020-07-01", "2020-07-02", bands=["rain"])


def test_wrong_arguments_say_what_to_do(row):
    with pytest.raises(UnknownProductError, match="did you mean smap"):
        product("smapp")
    with pytest.raises(UnknownProductError, match="did you mean modis_lai"):
        product("MODIS/061/MOD15A2H")
    with pytest.raises(UnknownQualityError, match="'good'"):
        collection("smap", "2020-07-01", "2020-07-02", quality="best")
    with pytest.raises(ValueError, match="must end after it starts"):
        collection("smap", "2020-07-02", "2020-07-02")
    with pytest.raises(ValueError, match="YYYY-MM-DD; got 'July'"):
        collection("smap", "July", "2020-07-02")
    with pytest.raises(ValueError, match="leave asset out"):
        collection("smap", "2020-07-01", "2020-07-02", asset="users/me/smap")


def test_what_earth_engine_lacks_says_what_to_supply(row):
    with pytest.raises(UnavailableProductError, match=r"sm, sm_uncertainty .* and flag"):
        collection("esa_cci_sm", "2020-07-01", "2020-07-02")
    with pytest.raises(UnavailableProductError, match="albedo_white_sky_band7"):
        collection("MCD43D58", "2020-07-01", "2020-07-02")


def test_the_users_own_asset_comes_under_the_same_names(row):
    row.add(
        "users/me/cci",
        "2020-07-01",
        sm=[0.2, 0.3, -9999.0],
        sm_uncertainty=[0.01, 0.02, 0.03],
        flag=([0, 1, 0], "uint8"),
    )
    row.connect()
    found = collection("esa_cci_sm", "2020-07-01", "2020-07-02", asset="users/me/cci").first()
    _same(row.read(found, 3)["soil_moisture"], [0.2, NAN, NAN])
    assert found.get("source").getInfo() == "users/me/cci"


def test_superseded_ids_warn_and_products_never_use_them(row):
    row.connect()
    for old, new in (
        ("NASA/SMAP/SPL4SMGP/007", "NASA/SMAP/SPL4SMGP/008"),
        ("COPERNICUS/DEM/GLO30", "COPERNICUS/DEM/GLO30_2024_1"),
    ):
        with pytest.warns(DeprecatedDatasetWarning, match=f"superseded by {new}"):
            dataset(old).collection()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        collection("smap_l4", "2020-07-01", "2020-07-02")
