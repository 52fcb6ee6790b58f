"""xee, unmodified, reads collections of the emulator as xarray data sets."""

from __future__ import annotations

from typing import Any

import dask
import ee
import numpy as np
import pytest
import xarray as xr
import xee  # noqa: F401 - registers the engine

from gee_sm.emulator import ClientConnection, Emulator, Server

GRID: dict[str, Any] = {
    "crs": "EPSG:32646",
    "crs_transform": (10, 0, 400_000, 0, -10, 3_500_000),
    "shape_2d": (40, 30),
}


def _open(collection: ee.ImageCollection | str, **options: Any) -> xr.Dataset:
    return xr.open_dataset(collection, engine="ee", **{**GRID, **options})


def test_collection_is_read_whole(connection: ClientConnection, stored: dict[str, Any]) -> None:
    found = _open(ee.ImageCollection("TEST/IMAGES"))
    assert dict(found.sizes) == {"time": 3, "y": 30, "x": 40}
    assert list(found.data_vars) == ["counts", "ratio"]
    np.testing.assert_array_equal(
        found.time.values,
        np.array(["2020-01-01T12", "2020-01-02T12", "2020-01-03T12"], "datetime64[ns]"),
    )
    np.testing.assert_allclose(found.x[[0, -1]], [400_005, 400_395])
    np.testing.assert_allclose(found.y[[0, -1]], [3_499_995, 3_499_705])
    for index in range(3):
        counts = stored["counts"](index).astype(float)
        counts[counts == 0] = np.nan
        np.testing.assert_array_equal(found.counts.isel(time=index), counts)
        np.testing.assert_array_equal(found.ratio.isel(time=index), stored["ratio"](index))


def test_by_name_and_by_uri(connection: ClientConnection) -> None:
    for name in ("ee://TEST/IMAGES", "ee:TEST/IMAGES"):
        assert _open(name).sizes["time"] == 3


def test_mapped_and_filtered_collections(
    connection: ClientConnection, stored: dict[str, Any]
) -> None:
    def scaled(image: ee.Image) -> ee.Image:
        db = image.select("ratio").log10().multiply(10).rename("ratio_db")
        return image.addBands(db).copyProperties(image, ["system:time_start"])

    collection = ee.ImageCollection("TEST/IMAGES").filter(ee.Filter.gt("CLOUDS", 0)).map(scaled)
    found = _open(collection)
    assert found.sizes["time"] == 2
    expected = 10 * np.log10(stored["ratio"](1))
    np.testing.assert_allclose(found.ratio_db.isel(time=0), expected, rtol=1e-6)


def test_dask_threads(connection: ClientConnection, stored: dict[str, Any]) -> None:
    found = _open(ee.ImageCollection("TEST/IMAGES"), chunks={"time": 1, "x": 16, "y": 16})
    with dask.config.set(scheduler="threads", num_workers=4):
        mean = found.ratio.mean("time").compute()
    expected = np.mean([stored["ratio"](i) for i in range(3)], axis=0)
    np.testing.assert_allclose(mean, expected, rtol=1e-6)


def test_fast_time_slicing_loads_images_by_id(
    connection: ClientConnection, stored: dict[str, Any]
) -> None:
    found = _open(ee.ImageCollection("TEST/IMAGES"), fast_time_slicing=True)
    np.testing.assert_array_equal(found.ratio.isel(time=2), stored["ratio"](2))


def test_grid_parameters_of_an_image(connection: ClientConnection) -> None:
    from xee import helpers

    found = helpers.extract_grid_params(ee.ImageCollection("TEST/IMAGES"))
    assert found["crs"] == "EPSG:32646"
    assert tuple(found["crs_transform"])[:6] == (10, 0, 400_000, 0, -10, 3_500_000)
    assert tuple(found["shape_2d"]) == (40, 30)


def test_pixel_lon_lat_of_the_world(connection: ClientConnection) -> None:
    """Corner pixels of the 1-degree world, as xee's own test against Google expects them."""
    world = ee.ImageCollection(ee.Image.pixelLonLat())
    found = _open(
        world, crs="EPSG:4326", crs_transform=(1.0, 0, -180.0, 0, -1.0, 90.0), shape_2d=(360, 180)
    )
    longitude, latitude = found.longitude.squeeze(), found.latitude.squeeze()
    np.testing.assert_allclose(longitude[0, [0, -1]], [-179.5, 179.5], atol=1e-5)
    np.testing.assert_allclose(latitude[[0, -1], 0], [89.5, -89.5], atol=1e-5)


@pytest.mark.slow
def test_dask_processes_over_http(
    emulator: Emulator, connection: ClientConnection, stored: dict[str, Any]
) -> None:
    from distributed import Client, LocalCluster

    seen: list[str] = []
    handle = emulator.handle

    def counted(method: str, path: str, *rest: Any) -> Any:
        seen.append(path)
        return handle(method, path, *rest)

    emulator.handle = counted  # type: ignore[method-assign] # the client here holds the former
    with (
        Server(emulator) as server,
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.run(_initialize, server.url)
        found = _open(ee.ImageCollection("TEST/IMAGES"), chunks={"time": 1, "x": 20, "y": 15})
        mean = found.ratio.mean("time").compute()
    expected = np.mean([stored["ratio"](i) for i in range(3)], axis=0)
    np.testing.assert_allclose(mean, expected, rtol=1e-6)
    assert sum(path.endswith("image:computePixels") for path in seen) == 12


def _initialize(url: str) -> None:
    """Start the client of a worker process on the server."""
    import ee.deprecation
    from google.auth.credentials import AnonymousCredentials

    ee.deprecation._FetchDataCatalogStac = dict
    ee.Initialize(AnonymousCredentials(), project="gee-sm-emulator", url=url)
