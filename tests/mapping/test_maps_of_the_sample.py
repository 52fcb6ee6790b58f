"""The main job: maps of the sample region, judged by its truth."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pystac
import pytest
import rasterio

from gee_sm.retrieval.status import Status

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("orbit", ["A", "D"])
def test_the_map_agrees_with_the_truth_near_the_noise_floor(mapped, orbit):
    truth = mapped[orbit][1]["truth"]
    assert truth["n"] > 5000
    assert truth["r"] >= 0.9
    assert truth["rmse"] <= 1.5 * truth["noise_floor"]
    assert abs(truth["bias"]) < truth["noise_floor"]


@pytest.mark.parametrize("orbit", ["A", "D"])
def test_the_map_agrees_with_the_stations(mapped, orbit):
    stations = mapped[orbit][1]["stations"]
    assert stations["n"] >= 8
    assert stations["r"] > 0.9


def test_the_report_shows_both_recipes_and_the_robust_one_is_nearer(mapped):
    recipes = mapped["A"][1]["maps"][0]["recipes"]
    assert set(recipes) == {"robust", "li2025"}
    assert recipes["robust"]["truth"]["rmse"] < recipes["li2025"]["truth"]["rmse"]
    page = (mapped["A"][0] / "report.html").read_text()
    assert "recipe li2025" in page
    assert "noise floor" in page


def test_layers_agree_on_what_is_masked(mapped):
    out, _ = mapped["A"]
    moisture, error, status = (
        rasterio.open(out / f"SM_2020_A{suffix}.tif").read(1)
        for suffix in ("", "_standard_error", "_status")
    )
    valid = status == Status.VALID
    np.testing.assert_array_equal(np.isfinite(moisture), valid)
    np.testing.assert_array_equal(np.isfinite(error), valid)
    assert set(np.unique(status)) <= {int(code) for code in Status}
    assert {Status.FOREST, Status.WATER, Status.BUILT_UP} <= {Status(v) for v in np.unique(status)}
    assert error[valid].min() > 0


def test_the_truth_lies_within_the_standard_error_as_often_as_it_says(mapped, sample_region):
    """The error covers a single observation of the paper's, far noisier than the sample's."""
    from gee_sm.sample import truth_for

    out, _ = mapped["A"]
    with rasterio.open(out / "SM_2020_A.tif") as dataset:
        moisture = dataset.read(1)
        truth = truth_for(
            sample_region,
            year=2020,
            orbit="A",
            crs=dataset.crs,
            transform=dataset.transform,
            shape=dataset.shape,
        )
    error = rasterio.open(out / "SM_2020_A_standard_error.tif").read(1)
    both = np.isfinite(moisture) & np.isfinite(truth)
    assert (np.abs(moisture - truth) <= error)[both].mean() > 0.95


def test_files_tell_how_they_were_made(mapped):
    out, report = mapped["A"]
    with rasterio.open(out / "SM_2020_A.tif") as dataset:
        tags = dataset.tags()
    assert tags["RECIPE"] == "robust"
    assert json.loads(tags["COEFFICIENTS"]) == [0.0143, 0.186, 0.164, 0.052]
    assert json.loads(tags["SCENES"]) == report["maps"][0]["scenes"]
    assert "emulator" in tags["ENGINE"]
    assert "earthengine-api" in tags["SOFTWARE"]
    assert tags["PASS_DATES"].startswith("2020-07-")


def test_the_stac_item_names_every_layer(mapped):
    out, _ = mapped["D"]
    item = pystac.Item.from_file(out / "SM_2020_D.json")
    assert set(item.assets) == {"soil_moisture", "standard_error", "status", "quick_look"}
    for asset in item.assets.values():
        assert (out / asset.href).exists()
    west, south, east, north = item.bbox
    assert west < 92.0 < 92.1 < east
    assert south < 32.5 < 32.565 < north


def test_months_and_passes_have_their_own_names(sample_region, run, tmp_path):
    small = ("--region", "92.04,32.53,92.06,32.545", "--emulator", sample_region, "--orbit", "A")
    result = run(*small, "--period", "month", "--no-compare", "--out", tmp_path / "month")
    assert result.exit_code == 0, result.output
    months = sorted(p.name for p in (tmp_path / "month").glob("SM_2020_??_A.tif"))
    assert months == ["SM_2020_07_A.tif", "SM_2020_08_A.tif"]
    result = run(*small, "--period", "pass", "--no-compare", "--out", tmp_path / "pass")
    assert result.exit_code == 0, result.output
    passes = sorted(p.name for p in (tmp_path / "pass").glob("SM_2020????_A.tif"))
    assert len(passes) >= 6
    july, july_truth = (
        json.loads((tmp_path / "month" / "report.json").read_text())["maps"][0],
        json.loads((tmp_path / "month" / "report.json").read_text())["truth"],
    )
    assert all(date.startswith("2020-07") for date in july["dates"])
    assert july_truth["rmse"] <= 1.5 * july_truth["noise_floor"]


def test_exports_land_in_the_emulators_folder(sample_region, run, tmp_path):
    catalog = tmp_path / "catalog"
    shutil.copytree(sample_region, catalog)
    result = run(
        "--emulator", catalog, "--region", "92.04,32.53,92.06,32.545", "--orbit", "A",
        "--to", "drive", "--destination", "soil", "--out", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (path,) = (catalog / "exports" / "drive").rglob("SM_2020_A.tif")
    with rasterio.open(path) as dataset:
        assert dataset.count == 2
        assert dataset.descriptions == ("soil_moisture", "standard_error")
        assert dataset.res == (100, 100)
        moisture = dataset.read(1, masked=True)
    assert 0.05 < np.ma.median(np.ma.masked_invalid(moisture)) < 0.4
    listing = json.loads((tmp_path / "out" / "exports.json").read_text())
    assert set(listing) == {"SM_2020_A", "SM_2020_A_status"}
