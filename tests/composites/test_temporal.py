"""Composites against an independent computation in numpy on the arrays of the catalog."""

from __future__ import annotations

import datetime as dt
import warnings

import ee
import numpy as np
import pytest

from gee_sm.catalog import collection
from gee_sm.catalog.product import Variable
from gee_sm.composites.temporal import composite, composites

SIZE = 6
DAY_MS = 86_400_000


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def _gappy(rng, values, share=0.3):
    return np.where(rng.random(values.shape) < share, np.nan, values).astype("float32")


def _days(first, count, step=1):
    start = dt.date.fromisoformat(first)
    return [start + dt.timedelta(days=i * step) for i in range(count)]


def _ms(day):
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() * 1000)


def _image(images, index):
    return ee.Image(images.toList(100).get(index))


def _read(synthetic, image):
    return synthetic.read(image, size=SIZE)


def _nanmean(stack):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(stack, axis=0)


def test_monthly_temperature_is_the_mean_of_accepted_days(synthetic, rng):
    days = _days("2020-06-28", 9)
    stored = rng.integers(14000, 16000, (9, SIZE, SIZE)).astype("uint16")
    words = rng.choice([0, 2, 0b01000001], (9, SIZE, SIZE)).astype("uint8")
    words[:, 0, 0] = 2
    for day, lst, word in zip(days, stored, words, strict=True):
        bands = {}
        for half in ("Day", "Night"):
            bands |= {
                f"LST_{half}_1km": lst,
                f"{half}_view_time": synthetic.full(105).astype("uint8"),
                f"{half}_view_angle": synthetic.full(65).astype("uint8"),
                f"QC_{half}": word,
            }
        synthetic.add("MODIS/061/MOD11A1", f"d{day:%Y%m%d}", bands, time=day.isoformat())
    synthetic.connect()
    found = composites("modis_lst", "2020-06-01", "2020-08-01", step="month", bands=["lst_day"])
    kept = np.where(words == 0, stored * 0.02, np.nan)
    for index, month in enumerate((6, 7)):
        inside = [i for i, day in enumerate(days) if day.month == month]
        pixels = _read(synthetic, _image(found, index))
        np.testing.assert_allclose(pixels["lst_day"], _nanmean(kept[inside]), rtol=1e-6)
        expected = np.isfinite(kept[inside]).sum(axis=0)
        np.testing.assert_array_equal(pixels["lst_day_count"], expected)
    assert np.isnan(pixels["lst_day"][0, 0])
    assert pixels["lst_day_count"][0, 0] == 0
    june = _image(found, 0)
    assert june.get("count").getInfo() == 3
    assert june.get("unit_lst_day").getInfo() == "K"
    assert june.get("system:time_start").getInfo() == _ms(dt.date(2020, 6, 1))
    assert june.get("system:time_end").getInfo() == _ms(dt.date(2020, 7, 1))
    # Reducers forget the grid; composites have that of their product.
    assert june.projection().nominalScale().getInfo() == pytest.approx(10)


def _add_gldas(synthetic, moment, mass, rate):
    layers = ("0_10", "10_40", "40_100", "100_200")
    bands = {f"SoilMoi{layer}cm_inst": mass for layer in layers}
    bands |= {f"SoilTMP{layer}cm_inst": synthetic.full(280) for layer in layers}
    bands["Rainf_f_tavg"] = rate
    index = f"A{moment:%Y%m%d_%H%M}"
    synthetic.add("NASA/GLDAS/V021/NOAH/G025/T3H", index, bands, time=moment.isoformat())


def test_rain_of_the_three_hours_before_and_states_of_the_moment_make_a_day(synthetic, rng):
    stored = rng.uniform(10, 40, (10, SIZE, SIZE)).astype("float32")
    rate = rng.uniform(0, 1e-3, (10, SIZE, SIZE)).astype("float32")
    start = dt.datetime(2020, 7, 1)
    for i in range(10):
        _add_gldas(synthetic, start + dt.timedelta(hours=3 * i), stored[i], rate[i])
    synthetic.connect()
    names = ["precipitation", "soil_moisture_0_10cm"]
    found = composites("gldas", "2020-07-01", "2020-07-03", step="day", bands=names)
    # Moisture at 0, 3, ..., 21 h; rain stamped 3, 6, ..., 24 h, each for the 3 h before.
    days = ((slice(0, 8), slice(1, 9)), (slice(8, 10), slice(9, 10)))
    for index, (moments, intervals) in enumerate(days):
        image = _image(found, index)
        pixels = _read(synthetic, image)
        counts = [f"{name}_count" for name in names]
        assert image.bandNames().getInfo() == [*names, *counts]
        np.testing.assert_allclose(
            pixels["soil_moisture_0_10cm"], stored[moments].mean(axis=0) / 100, rtol=1e-6
        )
        rain = (rate[intervals].astype(float) * 3 * 3600).sum(axis=0)
        np.testing.assert_allclose(pixels["precipitation"], rain, rtol=1e-6)
        for name, some in zip(counts, (intervals, moments), strict=True):
            np.testing.assert_array_equal(pixels[name], some.stop - some.start)
        assert image.get("count").getInfo() == moments.stop - moments.start
        assert image.get("unit_precipitation").getInfo() == "mm"


def test_rain_at_the_edge_of_a_day_a_month_and_a_season(synthetic):
    # 1 mm in the last three hours of February's leap day, 2 mm in the first three of March.
    for time, millimetres in (("2020-03-01T00", 1), ("2020-03-01T03", 2)):
        rate = synthetic.full(millimetres / (3 * 3600)).astype("float32")
        moment = dt.datetime.fromisoformat(f"{time}:00:00")
        _add_gldas(synthetic, moment, synthetic.full(20), rate)
    synthetic.connect()
    for step in ("day", "month", "season"):
        rain = ["precipitation"]
        before = composites("gldas", "2020-02-29", "2020-03-01", step=step, bands=rain)
        after = composites("gldas", "2020-03-01", "2020-03-02", step=step, bands=rain)
        for images, millimetres in ((before, 1), (after, 2)):
            pixels = _read(synthetic, images.first())
            np.testing.assert_allclose(pixels["precipitation"], millimetres, rtol=1e-6)
            np.testing.assert_array_equal(pixels["precipitation_count"], 1)
            assert images.first().get("count").getInfo() == 1
    # An image's own numbers stay with the image: only composites move them.
    own = collection("gldas", "2020-03-01", "2020-03-02", bands=["precipitation"])
    assert own.aggregate_array("system:time_start").getInfo() == [
        _ms(dt.date(2020, 3, 1)) + hours * 3_600_000 for hours in (0, 3)
    ]


def test_means_stamped_in_their_middle_belong_to_the_day_they_are_of(synthetic, rng):
    stored = rng.uniform(0.05, 0.45, (16, SIZE, SIZE)).astype("float32")
    first = dt.datetime(2020, 7, 1, 1, 30)
    for i in range(16):
        bands = dict.fromkeys(("sm_surface", "sm_rootzone", "sm_profile"), stored[i])
        bands["soil_temp_layer1"] = synthetic.full(280)
        moment = first + dt.timedelta(hours=3 * i)
        synthetic.add("NASA/SMAP/SPL4SMGP/008", f"{moment:%Y%m%d_%H%M}", bands, time=str(moment))
    synthetic.connect()
    bands = ["soil_moisture_0_5cm"]
    found = composites("smap_l4", "2020-07-01", "2020-07-03", step="day", bands=bands)
    for index in range(2):
        pixels = _read(synthetic, _image(found, index))
        expected = stored[8 * index : 8 * index + 8].mean(axis=0)
        np.testing.assert_allclose(pixels["soil_moisture_0_5cm"], expected, rtol=1e-6)
        np.testing.assert_array_equal(pixels["soil_moisture_0_5cm_count"], 8)


def test_a_daily_image_stamped_at_noon_is_of_one_day(synthetic):
    asset = "projects/me/assets/cci"
    for day, value in (("2020-07-01", 0.1), ("2020-07-02", 0.3)):
        bands = {
            "sm": synthetic.full(value),
            "sm_uncertainty": synthetic.full(0.02),
            "flag": synthetic.full(0).astype("uint8"),
        }
        synthetic.add(asset, f"d{day[-2:]}", bands, time=f"{day}T12:00:00")
    synthetic.connect()
    found = composites(
        "esa_cci_sm",
        "2020-07-01",
        "2020-07-04",
        step="day",
        bands=["soil_moisture"],
        asset=asset,
    )
    assert found.aggregate_array("count").getInfo() == [1, 1, 0]
    for index, value in enumerate((0.1, 0.3)):
        pixels = _read(synthetic, _image(found, index))
        np.testing.assert_allclose(pixels["soil_moisture"], value, rtol=1e-6)


def test_8_day_composites_count_in_both_months_by_their_days(synthetic, rng):
    # 2020-06-25 has 6 days in June and 2 in July; 2020-07-03 lies in July.
    days = _days("2020-06-17", 3, 8)
    stored = rng.integers(0, 70, (3, SIZE, SIZE)).astype("uint8")
    words = rng.choice([0, 0b00001000], (3, SIZE, SIZE), p=[0.7, 0.3]).astype("uint8")
    for day, lai, word in zip(days, stored, words, strict=True):
        bands = {"Lai_500m": lai, "Fpar_500m": lai, "FparLai_QC": word}
        synthetic.add("MODIS/061/MOD15A2H", f"d{day:%Y%m%d}", bands, time=day.isoformat())
    synthetic.connect()
    found = composites("modis_lai", "2020-06-01", "2020-08-01", step="month", bands=["lai"])
    kept = np.where(words == 0, stored * 0.1, np.nan)
    for index, weights in enumerate(([8, 6, 0], [0, 2, 8])):
        weight = np.array(weights, float)[:, None, None] * np.isfinite(kept)
        with np.errstate(invalid="ignore"):
            expected = np.nansum(kept * weight, axis=0) / weight.sum(axis=0)
        pixels = _read(synthetic, _image(found, index))
        np.testing.assert_allclose(pixels["lai"], expected, rtol=1e-6)
        np.testing.assert_array_equal(pixels["lai_count"], (weight > 0).sum(axis=0))


def test_the_day_a_pixel_was_seen_decides_across_the_end_of_a_year(synthetic, rng):
    # The composite of 2020-12-18 (day 353) reaches to 2021-01-02 (days 1 and 2).
    seen = rng.choice([353, 360, 366, 1, 2], (SIZE, SIZE)).astype("int16")
    later = rng.integers(1, 17, (SIZE, SIZE)).astype("int16")
    stored = rng.integers(0, 9000, (2, SIZE, SIZE)).astype("int16")
    good = synthetic.full(0).astype("uint8")
    for i, (day, days) in enumerate((("2020-12-18", seen), ("2021-01-01", later))):
        bands = {"NDVI": stored[i], "EVI": stored[i], "DayOfYear": days, "SummaryQA": good}
        synthetic.add("MODIS/061/MOD13A2", f"i{i}", bands, time=day)
    synthetic.connect()
    found = composites("modis_ndvi", "2020-12-01", "2021-02-01", step="month", bands=["ndvi"])
    december, january = (_read(synthetic, _image(found, i)) for i in (0, 1))
    ndvi = stored * 1e-4
    in_december = seen > 300
    np.testing.assert_allclose(
        december["ndvi"], np.where(in_december, ndvi[0], np.nan), rtol=1e-6, atol=1e-7
    )
    expected = np.where(in_december, ndvi[1], ndvi.mean(axis=0))
    np.testing.assert_allclose(january["ndvi"], expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(january["ndvi_count"], np.where(in_december, 1, 2))
    # Without the day of year the overlap decides: 14 and 2 of 16 days.
    by_overlap = composites(
        "modis_ndvi",
        "2020-12-01",
        "2021-02-01",
        step="month",
        bands=["ndvi"],
        by_day_of_year=False,
    )
    weighted = (2 * ndvi[0] + 16 * ndvi[1]) / 18
    np.testing.assert_allclose(
        _read(synthetic, _image(by_overlap, 1))["ndvi"], weighted, rtol=1e-6, atol=1e-7
    )


def test_aquas_last_composite_of_a_year_is_parted_at_new_year(synthetic, rng):
    # The composite of 2019-12-27 (day 361) reaches to 2020-01-11; that year has no day 366.
    seen = rng.choice([361, 365, 1, 11], (SIZE, SIZE)).astype("int16")
    stored = rng.integers(0, 9000, (SIZE, SIZE)).astype("int16")
    good = synthetic.full(0).astype("uint8")
    bands = {"NDVI": stored, "EVI": stored, "DayOfYear": seen, "SummaryQA": good}
    synthetic.add("MODIS/061/MYD13A2", "i", bands, time="2019-12-27")
    synthetic.connect()
    asked = {"step": "16 days", "bands": ["ndvi"]}
    found = composites("modis_ndvi_aqua", "2019-12-31", "2020-01-18", **asked)
    ends = found.aggregate_array("system:time_end").getInfo()
    assert ends == [_ms(dt.date(2020, 1, day)) for day in (1, 17)] + [_ms(dt.date(2020, 2, 2))]
    for index, inside in enumerate((seen > 300, seen < 300, seen < 0)):
        pixels = _read(synthetic, _image(found, index))
        expected = np.where(inside, stored * 1e-4, np.nan)
        np.testing.assert_allclose(pixels["ndvi"], expected, rtol=1e-6, atol=1e-7)
        np.testing.assert_array_equal(pixels["ndvi_count"], inside)
    assert found.aggregate_array("count").getInfo() == [1, 1, 0]
    # By overlap each pixel of one image is its mean in both periods.
    by_overlap = composites(
        "modis_ndvi_aqua", "2019-12-31", "2020-01-02", by_day_of_year=False, **asked
    )
    for index in (0, 1):
        pixels = _read(synthetic, _image(by_overlap, index))
        np.testing.assert_allclose(pixels["ndvi"], stored * 1e-4, rtol=1e-6, atol=1e-7)


def test_an_empty_period_has_its_bands_masked_and_counts_of_zero(synthetic):
    rain = {"precipitation": synthetic.full(2)}
    for day in ("2020-06-30", "2020-07-01", "2020-07-03"):
        synthetic.add("UCSB-CHG/CHIRPS/DAILY", f"d{day[-2:]}", rain, time=day)
    synthetic.connect()
    found = composites("chirps", "2020-06-30", "2020-07-04", step="day")
    assert found.aggregate_array("count").getInfo() == [1, 1, 0, 1]
    empty = _image(found, 2)
    assert empty.bandNames().getInfo() == ["precipitation", "precipitation_count"]
    pixels = _read(synthetic, empty)
    assert np.isnan(pixels["precipitation"]).all()
    assert (pixels["precipitation_count"] == 0).all()
    # A day without an image is not a day without rain.
    july = _read(
        synthetic, _image(composites("chirps", "2020-07-01", "2020-07-02", step="month"), 0)
    )
    np.testing.assert_allclose(july["precipitation"], 4)
    np.testing.assert_array_equal(july["precipitation_count"], 2)


def _members(values, name, lengths=None):
    lengths = lengths or [1] * len(values)
    start = 0
    images = []
    for value, length in zip(values, lengths, strict=True):
        image = ee.Image.constant(value).toDouble().rename(name)
        images.append(
            image.set(
                {"system:time_start": start * DAY_MS, "system:time_end": (start + length) * DAY_MS}
            )
        )
        start += length
    return ee.ImageCollection(images)


def _at(image):
    return image.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()


def test_classes_by_mode_directions_by_vector_totals_by_share(synthetic):
    synthetic.connect()
    cover = composite(
        _members([10, 30, 30], "c"), 0, 3 * DAY_MS, variables=[Variable("c", "class", "class")]
    )
    assert _at(cover) == {"c": 30, "c_count": 3}
    # The mean of 350 and 20 degrees is 5, not 185.
    aspect = composite(
        _members([350, 20], "a"), 0, 2 * DAY_MS, variables=[Variable("a", "degree", "direction")]
    )
    assert _at(aspect)["a"] == pytest.approx(5)
    # Two of the first five days and three of the next five.
    pentads = composite(
        _members([10, 20], "p", [5, 5]),
        3 * DAY_MS,
        8 * DAY_MS,
        variables=[Variable("p", "mm", "total")],
    )
    assert _at(pentads)["p"] == pytest.approx(10 * 2 / 5 + 20 * 3 / 5)


def test_a_tie_of_classes_goes_to_the_smallest_code_and_gaps_have_no_vote(synthetic):
    synthetic.connect()
    year = [Variable("c", "class", "class")]
    tie = composite(_members([30, 10], "c"), 0, 2 * DAY_MS, variables=year)
    assert _at(tie) == {"c": 10, "c_count": 2}
    # Each image has one vote, however many of its days lie in the period.
    uneven = composite(_members([30, 10], "c", [1, 5]), 0, 6 * DAY_MS, variables=year)
    assert _at(uneven) == {"c": 10, "c_count": 2}
    gappy = _members([30, 10], "c").map(lambda image: image.updateMask(image.neq(10)))
    assert _at(composite(gappy, 0, 2 * DAY_MS, variables=year)) == {"c": 30, "c_count": 1}


def test_wrong_arguments(synthetic):
    with pytest.raises(ValueError, match="does not change with time; read it with collection"):
        composites("soil_texture", "2020-07-01", "2020-08-01", step="month")
    with pytest.raises(ValueError, match="a day of year alone"):
        composites("modis_ndvi", "2020-07-01", "2020-08-01", step="month", bands=["day_of_year"])
