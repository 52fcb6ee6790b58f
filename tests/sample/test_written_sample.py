"""The folder that ``gee-sm sample`` writes, read back without the code that wrote it."""

from __future__ import annotations

import errno
import json

import numpy as np
import pandas as pd
import pystac
import pytest
import rasterio
import shapely.geometry
from affine import Affine
from click.testing import CliRunner
from pyproj import Transformer

from gee_sm import sample
from gee_sm.cli.sample import command
from gee_sm.sample.sentinel2_scenes import Sentinel2Scenes

PASSES = {"A": (0.0143, 0.186, 0.164, 0.052), "D": (0.0154, 0.200, 0.110, 0.040)}


@pytest.fixture(scope="module")
def catalog(folder):
    return pystac.Catalog.from_file(str(folder / "catalog.json"))


@pytest.fixture(scope="module")
def parameters(folder):
    return json.loads((folder / "truth" / "truth.json").read_text())


@pytest.fixture(scope="module")
def truth_grid(parameters):
    return Affine(*parameters["transform"]), tuple(parameters["shape"])


@pytest.fixture(scope="module")
def on_grid(truth_grid):
    """Read a band onto the 10 m grid of the truth; NaN where it has nothing."""
    transform, shape = truth_grid

    def read(path):
        out = np.full(shape, np.nan)
        with rasterio.open(path) as file:
            factor = round(file.res[0] / 10)
            values = file.read(1, masked=True).astype(float).filled(np.nan)
            values = np.repeat(np.repeat(values, factor, axis=0), factor, axis=1)
            row = round((transform.f - file.transform.f) / 10)
            column = round((file.transform.c - transform.c) / 10)
        rows, columns = min(values.shape[0], shape[0]), min(values.shape[1], shape[1])
        out[row : row + rows, column : column + columns] = values[:rows, :columns]
        return out

    return read


def test_size(folder):
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < 60e6
    assert size > 30e6


def test_the_command_says_what_it_wrote(folder, monkeypatch):
    asked = {}
    monkeypatch.setattr(sample, "write", lambda path, **options: asked.update(options, path=path))
    result = CliRunner().invoke(command, [str(folder), "--only", "scenes", "--quiet"])
    assert result.exit_code == 0, result.output
    assert asked == {
        "path": folder,
        "seed": 1,
        "years": (2020,),
        "parts": ("scenes",),
        "overwrite": False,
        "progress": False,
    }
    assert str(folder) in result.output
    assert "92.0 to 92.1 E" in result.output
    assert result.output.count("Noise floor of a seasonal 100 m map") == 2
    assert f"gee-sm map --emulator {folder}" in result.output


def test_it_is_valid_stac(catalog):
    assert catalog.extra_fields["gee_sm:region"] == [92.0, 32.5, 92.1, 32.565]
    assert catalog.extra_fields["gee_sm:years"] == [2020]
    found = [catalog, *catalog.get_children(), *catalog.get_items(recursive=True)]
    for item in found:
        # pystac carries the core schemas; those of the extensions are on the web only.
        item.stac_extensions = []
        assert item.validate()
    assert {c.id: c.extra_fields["gee:type"] for c in catalog.get_children()} == {
        "COPERNICUS/S1_GRD_FLOAT": "IMAGE_COLLECTION",
        "COPERNICUS/S2_SR_HARMONIZED": "IMAGE_COLLECTION",
        "GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED": "IMAGE_COLLECTION",
        "ESA/WorldCover/v200": "IMAGE_COLLECTION",
        "USGS/SRTMGL1_003": "IMAGE",
        "projects/gee-sm/assets/sample_stations": "TABLE",
    }


def test_scenes_match_their_cloud_scores(catalog):
    names = {
        asset: {item.id for item in catalog.get_child(asset).get_items()}
        for asset in ("COPERNICUS/S2_SR_HARMONIZED", "GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED")
    }
    first, second = names.values()
    assert first == second
    assert len(first) == 15


def test_footprints_hold_the_valid_pixels(catalog):
    """The outline in degrees against the pixels, reprojected by pyproj."""
    to_degrees = Transformer.from_crs(32646, 4326, always_xy=True)
    for item in list(catalog.get_child("COPERNICUS/S1_GRD_FLOAT").get_items())[::7]:
        with rasterio.open(item.assets["VV"].get_absolute_href()) as file:
            assert np.isnan(file.nodata)
            valid = file.dataset_mask()[::10, ::10] > 0
            rows, columns = (10 * i for i in np.nonzero(valid))
            x, y = rasterio.transform.xy(file.transform, rows, columns)
        outline = shapely.geometry.shape(item.geometry).buffer(1.5e-4)
        inside = shapely.contains_xy(outline, *to_degrees.transform(x, y))
        assert inside.all()
        assert len(item.geometry["coordinates"][0]) < 12


def test_elevation_is_on_its_own_grid(folder, truth_grid):
    with rasterio.open(folder / "USGS__SRTMGL1_003/SRTMGL1_003/elevation.tif") as file:
        assert file.crs.to_epsg() == 4326
        assert file.res == pytest.approx((1 / 3600, 1 / 3600))
        west, south, east, north = file.bounds
        assert file.dtypes == ("int16",)
        elevation = file.read(1)
    assert west < 92.0
    assert east > 92.1
    assert south < 32.5
    assert north > 32.565
    assert elevation.min() == 4560
    assert 4800 < elevation.max() < 5500


def test_land_cover_agrees_with_what_is_retrievable(folder):
    with rasterio.open(folder / "ESA__WorldCover__v200/2021/Map.tif") as file:
        classes = file.read(1)
        grid, crs = file.transform, file.crs
    assert {10, 30, 40, 50, 60, 80} <= set(np.unique(classes)) <= {10, 30, 40, 50, 60, 80, 90}
    truth = sample.truth_for(
        folder, year=2020, orbit="A", crs=crs, transform=grid, shape=classes.shape
    )
    masked = np.isin(classes, (10, 40, 50, 80))
    # Pixels of 9 by 8 m against 10 m: only the class borders can differ.
    assert np.mean(np.isnan(truth) != masked) < 0.01


def test_every_pass_says_its_truth(folder, parameters):
    thaw = [a for a in parameters["acquisitions"] if a["season"] == "thaw"]
    freeze = [a for a in parameters["acquisitions"] if a["season"] == "freeze"]
    assert len(thaw) == 21
    assert len(freeze) == 20
    assert all(a["truth"] is None for a in freeze)
    assert all((folder / "truth" / a["truth"]).is_file() for a in thaw)
    images = {path.name for path in (folder / "COPERNICUS__S1_GRD_FLOAT").iterdir()}
    assert {i for a in parameters["acquisitions"] for i in a["images"]} == images - {
        "collection.json"
    }
    assert parameters["coefficients"]["A"] == dict(zip("abcd", PASSES["A"], strict=True))
    assert parameters["noise"]["looks"] == 4.4
    assert parameters["angle_trend_db_per_degree"] == {"A": 0.16, "D": 0.10}


@pytest.mark.parametrize("orbit", ["A", "D"])
def test_the_scenes_give_the_truth_back(folder, parameters, on_grid, block_mean, decibel, orbit):
    """Power averaged over 100 m, the difference by orbit, equation 7: no filter, no emulator.

    What is left against the truth is the noise floor; that the factor stays below 1.5 is what the
    maps are judged by.
    """
    a, b, c, d = PASSES[orbit]
    scenes = {}
    for path in sorted((folder / "COPERNICUS__S2_SR_HARMONIZED").glob("2*")):
        score = folder / "GOOGLE__CLOUD_SCORE_PLUS__V1__S2_HARMONIZED" / path.name / "cs_cdf.tif"
        clear = np.where(on_grid(score) >= 0.6, 1.0, np.nan)
        nir, red, swir = (on_grid(path / f"{band}.tif") for band in ("B8", "B4", "B11"))
        index = clear * (b * (nir - red) / (nir + red) + c * (nir - swir) / (nir + swir))
        scenes[pd.Timestamp(path.name[:15], tz="UTC")] = index.astype("float32")
    estimates, weights = [], []
    for name in [o for o in parameters["orbits"] if o[0] == orbit]:
        power, optical = {"thaw": [], "freeze": []}, []
        for acquisition in [p for p in parameters["acquisitions"] if p["orbit"] == name]:
            slices = [
                on_grid(folder / "COPERNICUS__S1_GRD_FLOAT" / image / "VV.tif")
                for image in acquisition["images"]
            ]
            merged = slices[0]
            for other in slices[1:]:
                merged = np.where(np.isnan(merged), other, merged)
            power[acquisition["season"]].append(block_mean(merged, 10))
            if acquisition["season"] == "thaw":
                time = pd.Timestamp(acquisition["time"])
                near = [v for t, v in scenes.items() if abs(t - time) <= pd.Timedelta("7D")]
                looks = sum(np.isfinite(view) for view in near)
                mean = sum(np.nan_to_num(view) for view in near) / np.maximum(looks, 1)
                optical.append(block_mean(np.where(looks > 0, mean, np.nan), 10))
        rise = decibel(np.mean(power["thaw"], axis=0)) - decibel(np.mean(power["freeze"], axis=0))
        estimates.append(a * rise + np.mean(optical, axis=0) + d)
        weights.append(len(optical) * np.isfinite(estimates[-1]))
    total = sum(w * np.nan_to_num(e) for w, e in zip(weights, estimates, strict=True))
    found = total / np.where(sum(weights) > 0, sum(weights), np.nan)

    transform, (rows, columns) = Affine(*parameters["transform"]), parameters["shape"]
    coarse = Affine(100, 0, transform.c, 0, -100, transform.f)
    truth = sample.truth_for(
        folder,
        year=2020,
        orbit=orbit,
        crs=parameters["crs"],
        transform=coarse,
        shape=(rows // 10, columns // 10),
    )
    whole = block_mean(on_grid(folder / "truth" / "retrievable.tif"), 10) == 1
    gravel = found < truth - 0.05  # thaws darker; the chain masks a negative difference
    good = whole & ~gravel & np.isfinite(found)
    assert good.mean() > 0.75
    assert gravel.mean() < 0.01
    error = (found - truth)[good]
    floor = sample.noise_floor_for(folder, year=2020, orbit=orbit, scale=100)
    assert np.corrcoef(found[good], truth[good])[0, 1] > 0.98
    assert abs(error.mean()) < 0.001
    ratio = np.sqrt((error**2).mean()) / floor.total
    assert 0.8 < ratio < 1.3


def test_stations_record_the_truth(folder, parameters):
    table = pd.read_csv(folder / "truth" / "stations.csv", parse_dates=["time"])
    assert table["station"].nunique() == 12
    assert len(table) == 12 * 62 * 4
    noise = table["soil_moisture"] - table["truth"]
    assert noise.std() == pytest.approx(0.01, rel=0.05)
    assert abs(noise.mean()) < 0.001
    assert table["time"].dt.month.isin([7, 8]).all()
    features = json.loads(
        (folder / "projects__gee-sm__assets__sample_stations/features.geojson").read_text()
    )["features"]
    assert [f["properties"]["station"] for f in features] == sorted(table["station"].unique())
    # At the pixel of a pass, a station's truth is the map's truth.
    acquisition = next(a for a in parameters["acquisitions"] if a["truth"])
    time = pd.Timestamp(acquisition["time"])
    with rasterio.open(folder / "truth" / acquisition["truth"]) as file:
        for station in parameters["stations"]:
            (mapped,) = next(file.sample([(station["x"], station["y"])]))
            one = table[table["station"] == station["name"]].set_index("time")["truth"]
            at_pass = np.interp(time.timestamp(), one.index.map(pd.Timestamp.timestamp), one)
            assert mapped == pytest.approx(at_pass, abs=5e-4)


def test_station_places(parameters):
    places = np.array([[s["x"], s["y"]] for s in parameters["stations"]])
    distances = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert distances[~np.eye(12, dtype=bool)].min() > 900
    assert {s["land_cover"] for s in parameters["stations"]} <= {30, 60, 90}
    to_degrees = Transformer.from_crs(32646, 4326, always_xy=True)
    for station in parameters["stations"]:
        longitude, latitude = to_degrees.transform(station["x"], station["y"])
        assert (station["longitude"], station["latitude"]) == pytest.approx(
            (longitude, latitude), abs=1e-6
        )


def test_truth_on_a_coarser_grid_is_the_area_mean(folder, on_grid, parameters):
    """Block means by hand, over the pixels that a map can retrieve."""
    fine = on_grid(folder / "truth" / "SM_2020_A.tif")
    fine[on_grid(folder / "truth" / "retrievable.tif") == 0] = np.nan
    rows, columns = (n // 10 for n in fine.shape)
    blocks = fine.reshape(rows, 10, columns, 10).swapaxes(1, 2).reshape(rows, columns, 100)
    with np.errstate(invalid="ignore"):
        expected = np.nansum(blocks, axis=-1) / np.isfinite(blocks).sum(axis=-1)
    transform = Affine(*parameters["transform"])
    found = sample.truth_for(
        folder,
        year=2020,
        orbit="ASCENDING",
        crs="EPSG:32646",
        transform=Affine(100, 0, transform.c, 0, -100, transform.f),
        shape=(rows, columns),
    )
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    # The folder's means were rounded once more, to 1/2048.
    np.testing.assert_allclose(found, expected, atol=4e-4)


def test_truth_by_month_day_and_swath(folder, on_grid, parameters, truth_grid):
    transform, shape = truth_grid
    grid = {"crs": "EPSG:32646", "transform": transform, "shape": shape}
    july = sample.truth_for(folder, year=2020, orbit="D", months=[7], **grid)
    expected = on_grid(folder / "truth" / "SM_2020_07_D.tif")
    seen = np.isfinite(july)
    np.testing.assert_allclose(july[seen], expected[seen], atol=4e-4)
    day = sample.truth_for(folder, year=2020, orbit="D", dates=["2020-08-03"], **grid)
    only = on_grid(folder / "truth" / "SM_20200803_D077.tif")
    swath = on_grid(folder / "truth" / "swath_D077.tif") == 1
    land = on_grid(folder / "truth" / "retrievable.tif") == 1
    np.testing.assert_array_equal(np.isfinite(day), swath & land)
    np.testing.assert_allclose(day[swath & land], only[swath & land], atol=1e-6)


def test_what_has_no_truth_is_named(folder, tmp_path):
    grid = {"crs": "EPSG:4326", "transform": Affine(0.01, 0, 92, 0, -0.01, 33), "shape": (5, 5)}
    with pytest.raises(sample.TruthError, match="only folders written by `gee-sm sample`"):
        sample.truth_for(tmp_path, year=2020, orbit="A", **grid)
    with pytest.raises(sample.TruthError, match=r"no ascending pass .* of 2019: it holds"):
        sample.truth_for(folder, year=2019, orbit="A", **grid)
    with pytest.raises(sample.TruthError, match=r"no descending pass on \['2020-08-04'\]"):
        sample.truth_for(folder, year=2020, orbit="D", dates=["2020-08-04"], **grid)
    with pytest.raises(sample.TruthError, match="A, D, ASCENDING or DESCENDING; got 'AD'"):
        sample.truth_for(folder, year=2020, orbit="AD", **grid)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "truth.json").write_text("{")
    with pytest.raises(sample.TruthError, match="is damaged"):
        sample.parameters_of(tmp_path)


def test_noise_floor_of_the_folder(folder):
    floor = sample.noise_floor_for(folder, year=2020, orbit="A", scale=100)
    fixed = sample.noise_floor_for(
        folder, year=2020, orbit="A", scale=100, thaw_scenes=11, freeze_scenes=10
    )
    july = sample.noise_floor_for(folder, year=2020, orbit="A", scale=100, months=[7])
    assert fixed.total < floor.total < july.total
    assert floor.total == pytest.approx(
        np.sqrt(floor.speckle**2 + floor.optical**2 + floor.residual**2)
    )
    by_pixel = sample.noise_floor_for(
        folder,
        year=2020,
        orbit="A",
        scale=100,
        thaw_scenes=np.array([[11, 0]]),
        freeze_scenes=np.array([[10, 10]]),
    )
    assert by_pixel.total == pytest.approx(fixed.total)


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def stop(self, overpass):
        raise KeyboardInterrupt

    monkeypatch.setattr(Sentinel2Scenes, "images", stop)
    monkeypatch.setattr("gee_sm.sample.scenes_writing.acquisitions", lambda years: [])
    with pytest.raises(KeyboardInterrupt):
        sample.write(tmp_path / "sample", parts=("scenes",))
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_yours_is_replaced(folder, tmp_path):
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(sample.SampleExistsError, match="holds no sample: choose a new folder"):
        sample.write(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"
    with pytest.raises(sample.SampleExistsError, match="holds a sample already"):
        sample.write(folder)
    result = CliRunner().invoke(command, [str(folder)])
    assert result.exit_code == 1
    assert "--overwrite" in result.output


def test_a_sample_is_replaced_on_request_only(tmp_path, monkeypatch):
    def quick(catalog, folder, *, seed, **options):
        """Write no products."""

    monkeypatch.setattr("gee_sm.sample.writing.write_coarse", quick)
    folder = tmp_path / "sample"

    def seed():
        return json.loads((folder / "catalog.json").read_text())["gee_sm:sample"]["seed"]

    sample.write(folder, seed=1, parts=("coarse",))
    (folder / "left over").write_text("")
    with pytest.raises(sample.SampleExistsError):
        sample.write(folder, seed=2, parts=("coarse",))
    assert seed() == 1
    sample.write(folder, seed=2, parts=("coarse",), overwrite=True)
    assert seed() == 2
    assert sorted(path.name for path in folder.iterdir()) == ["catalog.json", "truth"]
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"seed": 1.5}, r"got 1\.5"),
        ({"years": ()}, "years must name one year or more"),
        ({"years": (1999,)}, r"from 2015 on; got \[1999\]"),
        ({"parts": ("all",)}, r"parts must be one or more of scenes, coarse; got \['all'\]"),
        ({"products": ("smos",)}, r"products must be one or more of smap, .*got \['smos'\]"),
        ({"coarse_years": (2030,)}, r"coarse_years must name .*got \[2030\]"),
    ],
)
def test_bad_options_are_named(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        sample.write(tmp_path / "sample", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_message(tmp_path, monkeypatch):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sample, "write", full)
    result = CliRunner().invoke(command, [str(tmp_path / "sample")])
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert "Free some space" in result.output
