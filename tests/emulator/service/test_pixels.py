"""Pixels in every file format, on the request's grid and on the image's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pyproj
import pytest
import rasterio
import requests
from PIL import Image as Picture

from gee_sm.emulator import ClientConnection, Emulator


def test_npy_returns_the_stored_pixels(
    connection: ClientConnection, pixels: Callable[..., Any], stored: dict[str, Any]
) -> None:
    found = pixels(ee.Image("TEST/IMAGES/scene_1"))
    assert found.dtype == np.dtype([("counts", "<u2"), ("ratio", "<f4")])
    np.testing.assert_array_equal(found["counts"], stored["counts"](1))
    np.testing.assert_array_equal(found["ratio"], np.nan_to_num(stored["ratio"](1)))


def test_band_ids_choose_and_order(
    connection: ClientConnection, pixels: Callable[..., Any]
) -> None:
    found = pixels(ee.Image("TEST/IMAGES/scene_0"), bandIds=["ratio"])
    assert found.dtype.names == ("ratio",)
    with pytest.raises(ee.EEException, match="did not match any bands"):
        pixels(ee.Image("TEST/IMAGES/scene_0"), bandIds=["missing"])


def test_without_a_grid_the_image_has_its_own(
    connection: ClientConnection, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_2").select("counts")
    found = ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY"})
    np.testing.assert_array_equal(found["counts"], stored["counts"](2))


def test_get_pixels_of_a_stored_image(connection: ClientConnection, stored: dict[str, Any]) -> None:
    found = ee.data.getPixels(
        {"assetId": "TEST/IMAGES/scene_2", "fileFormat": "NUMPY_NDARRAY", "bandIds": ["counts"]}
    )
    np.testing.assert_array_equal(found["counts"], stored["counts"](2))
    with pytest.raises(ee.EEException, match="not found"):
        ee.data.getPixels({"assetId": "TEST/NOTHING", "fileFormat": "NUMPY_NDARRAY"})


def test_a_grid_of_another_phase_takes_the_nearest_pixel(
    connection: ClientConnection, grid: dict[str, Any], stored: dict[str, Any]
) -> None:
    grid["affineTransform"].update(scaleX=20, scaleY=-20)
    grid["dimensions"] = {"width": 20, "height": 15}
    found = ee.data.computePixels(
        {
            "expression": ee.Image("TEST/SINGLE"),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": grid,
        }
    )
    assert found.shape == (15, 20)


def test_geotiff_carries_grid_names_and_masks(
    connection: ClientConnection, grid: dict[str, Any], stored: dict[str, Any]
) -> None:
    body = ee.data.computePixels(
        {
            "expression": ee.Image("TEST/IMAGES/scene_0").select("ratio"),
            "fileFormat": "GEO_TIFF",
            "grid": grid,
        }
    )
    with rasterio.open(io.BytesIO(body)) as dataset:
        assert dataset.crs.to_epsg() == 32646
        assert tuple(dataset.transform)[:6] == (10, 0, 400_000, 0, -10, 3_500_000)
        assert dataset.descriptions == ("ratio",)
        assert dataset.nodata == -np.inf
        values = dataset.read(1, masked=True)
    np.testing.assert_array_equal(values.mask, np.isnan(stored["ratio"](0)))
    np.testing.assert_array_equal(
        values.compressed(), stored["ratio"](0)[~np.isnan(stored["ratio"](0))]
    )


def test_geotiff_joins_types(connection: ClientConnection, grid: dict[str, Any]) -> None:
    body = ee.data.computePixels(
        {"expression": ee.Image("TEST/IMAGES/scene_0"), "fileFormat": "GEO_TIFF", "grid": grid}
    )
    with rasterio.open(io.BytesIO(body)) as dataset:
        assert dataset.dtypes == ("float32", "float32")


def test_png_shows_colours_and_masks(
    connection: ClientConnection, grid: dict[str, Any], stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_0").select("counts").visualize(min=0, max=1200)
    body = ee.data.computePixels({"expression": image, "fileFormat": "PNG", "grid": grid})
    picture = np.asarray(Picture.open(io.BytesIO(body)).convert("RGBA"))
    assert picture.shape == (30, 40, 4)
    np.testing.assert_array_equal(picture[..., 3] == 0, stored["counts"](0) == 0)
    valid = stored["counts"](0) > 0
    expected = stored["counts"](0)[valid] / 1200 * 255
    assert np.abs(picture[..., 0][valid] - expected).max() <= 1
    jpeg = ee.data.computePixels({"expression": image, "fileFormat": "JPEG", "grid": grid})
    assert Picture.open(io.BytesIO(jpeg)).size == (40, 30)


def test_visualization_options_of_the_request(
    connection: ClientConnection, grid: dict[str, Any]
) -> None:
    body = ee.data.computePixels(
        {
            "expression": ee.Image("TEST/SINGLE"),
            "fileFormat": "PNG",
            "grid": grid,
            "visualizationOptions": {
                "ranges": [{"min": 0, "max": 6}],
                "paletteColors": ["000000", "FF0000"],
            },
        }
    )
    picture = np.asarray(Picture.open(io.BytesIO(body)))
    assert picture.shape == (30, 40, 3)
    classes = np.arange(1200).reshape(30, 40) % 7
    assert (picture[classes == 6] == (255, 0, 0)).all()
    assert (picture[classes == 0] == (0, 0, 0)).all()


def test_thumbnail_url(served: ClientConnection) -> None:
    url = ee.Image("TEST/SINGLE").getThumbURL({"min": 0, "max": 6, "dimensions": 20})
    answer = requests.get(url, timeout=30)
    assert answer.headers["content-type"] == "image/png"
    assert max(Picture.open(io.BytesIO(answer.content)).size) == 20


def test_download_url_of_one_file_and_of_one_per_band(
    served: ClientConnection, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_0")
    box = ee.Geometry.Rectangle([400_000, 3_499_700, 400_400, 3_500_000], "EPSG:32646", False)
    url = image.getDownloadURL({"name": "scene", "scale": 10, "region": box})
    with zipfile.ZipFile(io.BytesIO(requests.get(url, timeout=30).content)) as archive:
        assert sorted(archive.namelist()) == ["scene.counts.tif", "scene.ratio.tif"]
        with rasterio.open(io.BytesIO(archive.read("scene.counts.tif"))) as dataset:
            assert dataset.dtypes == ("uint16",)
            np.testing.assert_array_equal(dataset.read(1), stored["counts"](0))
    url = image.getDownloadURL({"format": "GEO_TIFF", "scale": 10, "region": box})
    with rasterio.open(io.BytesIO(requests.get(url, timeout=30).content)) as dataset:
        assert dataset.count == 2


def test_unserved_urls_say_what_is_missing(connection: ClientConnection) -> None:
    url = ee.Image("TEST/SINGLE").getThumbURL({"min": 0, "max": 6, "dimensions": 20})
    assert url.startswith("http://connect-with-serve-true.invalid/")


def test_unbounded_image_needs_a_grid(connection: ClientConnection) -> None:
    with pytest.raises(ee.EEException, match="unbounded image"):
        ee.data.computePixels({"expression": ee.Image(1), "fileFormat": "NPY"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dimensions": {"width": -1, "height": 5}}, "must be positive integers"),
        ({"dimensions": {"width": 1.5, "height": 5}}, "must be positive integers"),
        ({"affineTransform": {"scaleX": 1, "scaleY": 0}}, "not invertible"),
        ({"affineTransform": {"scaleX": "wide", "scaleY": 1}}, "expected a number"),
        ({"crsCode": "EPSG:999999"}, "CRS of a map projection could not be parsed"),
    ],
)
def test_bad_grids_are_named(
    connection: ClientConnection, grid: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ee.EEException, match=words):
        ee.data.computePixels(
            {"expression": ee.Image(1), "fileFormat": "NPY", "grid": {**grid, **change}}
        )


def test_wkt_and_missing_parts_of_a_grid(connection: ClientConnection) -> None:
    import pyproj

    wkt = pyproj.CRS.from_epsg(32646).to_wkt()
    image = ee.Image("TEST/SINGLE")
    for crs in ({"crsWkt": wkt}, {"crsCode": "EPSG:32646"}):
        found = ee.data.computePixels(
            {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": crs}
        )
        assert found.shape == (30, 40)


def test_array_bands_have_no_raster_form(
    connection: ClientConnection, pixels: Callable[..., Any]
) -> None:
    with pytest.raises(ee.EEException, match="holds arrays"):
        pixels(ee.Image("TEST/IMAGES/scene_0").toArray())


def test_unknown_format(emulator: Emulator, post: Callable[..., Any]) -> None:
    expression = {"result": "0", "values": {"0": {"constantValue": 1}}}
    answer = post(
        "/v1/projects/any/image:computePixels", {"expression": expression, "fileFormat": "BMP"}
    )
    assert answer.status == 400


def test_region_of_stored_pixels_is_a_bounding_box(
    connection: ClientConnection, stored: dict[str, Any]
) -> None:
    # The reference: "the bounding box of the given geometry in the output coordinate system",
    # and the grid is "rescaled to the requested size" where dimensions are given.
    to_degrees = pyproj.Transformer.from_crs("EPSG:32646", "EPSG:4326", always_xy=True)
    corners = [(400_101, 3_499_899), (400_199, 3_499_899), (400_199, 3_499_801)]
    ring = [to_degrees.transform(*corner) for corner in (*corners, corners[0])]
    request = {
        "assetId": "TEST/IMAGES/scene_1",
        "bandIds": ["counts"],
        "fileFormat": "NUMPY_NDARRAY",
        "region": {"type": "Polygon", "coordinates": [ring]},
    }
    expected = stored["counts"](1)[10:20, 10:20]
    np.testing.assert_array_equal(ee.data.getPixels(request)["counts"], expected)
    halved = ee.data.getPixels({**request, "grid": {"dimensions": {"width": 5, "height": 5}}})
    assert halved.shape == (5, 5)
    with pytest.raises(ee.EEException, match="GeoJSON"):
        ee.data.getPixels({**request, "region": [0, 0, 1, 1]})
    with pytest.raises(ee.EEException, match="Invalid"):
        ee.data.getPixels({**request, "region": {"type": "Point", "crs": "EPSG:4326"}})


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"scale": 10}, 'Unknown name "scale": Cannot find field.'),
        ({"region": [0, 0, 1, 1]}, 'Unknown name "region": Cannot find field.'),
        ({"grid": {"crs": "EPSG:4326"}}, "Unknown name \"crs\" at 'grid': Cannot find field."),
    ],
)
def test_members_that_a_request_does_not_have(
    extra: dict[str, Any], words: str, connection: ClientConnection
) -> None:
    request = {"expression": ee.Image("TEST/SINGLE"), "fileFormat": "NPY", **extra}
    with pytest.raises(ee.EEException, match="Invalid JSON payload received") as raised:
        ee.data.computePixels(request)
    assert words in str(raised.value)
    with pytest.raises(ee.EEException, match='Unknown name "filter"'):
        ee.data.computeFeatures({"expression": ee.FeatureCollection([]), "filter": "n > 3"})
