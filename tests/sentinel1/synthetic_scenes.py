"""Small made-up scenes for the tests of the chain, laid out as Earth Engine assets.

One grid for all: UTM zone 46 north, 10 m, 60 x 60 pixels unless a test says otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ee
import numpy as np
from affine import Affine

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.client import connect_client

CRS = "EPSG:32646"
WEST, NORTH = 406000, 3600000
SIZE = 60
_MASKED = -9999.0


def transform(scale=10, west=WEST, north=NORTH):
    return Affine(scale, 0, west, 0, -scale, north)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class SyntheticScenes:
    """Collects images, then serves them through the official client."""

    def __init__(self, folder, size=SIZE):
        self.folder = folder
        self.size = size
        self._images = []

    def full(self, value):
        return np.broadcast_to(np.asarray(value, "float32"), (self.size, self.size)).copy()

    def add(self, asset_id, index, bands, *, time=None, scale=10, **kwargs):
        grid = kwargs.pop("transform", None) or transform(scale)
        self._images.append(
            dict(
                asset_id=asset_id,
                index=index,
                bands=bands,
                crs=CRS,
                transform=grid,
                time_start=None if time is None else utc(time),
                **kwargs,
            )
        )
        return self

    def add_s1(
        self,
        time,
        vv,
        *,
        angle=38.0,
        orbit="ASCENDING",
        relative_orbit=12,
        heading=348.0,
        index=None,
        asset_id="COPERNICUS/S1_GRD_FLOAT",
        **properties,
    ):
        wanted = {
            "instrumentMode": "IW",
            "resolution_meters": 10,
            "transmitterReceiverPolarisation": ["VV", "VH"],
            "orbitProperties_pass": orbit,
            "relativeOrbitNumber_start": relative_orbit,
            "platform_number": "A",
            "platformHeading": heading,
            **properties,
        }
        wanted = {name: value for name, value in wanted.items() if value is not None}
        name = index or f"s1_{time.replace(':', '').replace('-', '')}_{relative_orbit}"
        bands = {"VV": self.full(vv), "angle": self.full(angle)}
        return self.add(asset_id, name, bands, time=time, properties=wanted)

    def add_s2(
        self,
        time,
        *,
        b3=0.08,
        b4=0.06,
        b8=0.30,
        b11=0.20,
        scl=4,
        score=0.9,
        asset_id="COPERNICUS/S2_SR_HARMONIZED",
        index=None,
    ):
        index = index or f"s2_{time.replace(':', '').replace('-', '')}"
        bands = {
            name: np.rint(self.full(value) * 1e4).astype("uint16")
            for name, value in (("B3", b3), ("B4", b4), ("B8", b8), ("B11", b11))
        }
        if scl is not None:
            bands["SCL"] = self.full(scl).astype("uint8")
        self.add(asset_id, index, bands, time=time)
        if score is not None:
            self.add_score(time, score, index=index)
        return self

    def add_score(self, time, score, *, index):
        bands = {"cs": self.full(score), "cs_cdf": self.full(score)}
        return self.add("GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED", index, bands, time=time)

    def add_elevation(self, elevation=4500.0):
        # A wider grid than the scenes, so that slopes exist on their edges.
        margin = 10
        size = self.size + 2 * margin
        values = np.broadcast_to(np.asarray(elevation, "float32"), (size, size)).copy()
        grid = transform(10, WEST - 10 * margin, NORTH + 10 * margin)
        return self.add("USGS/SRTMGL1_003", None, {"elevation": values}, transform=grid)

    def add_land_cover(self, classes=60):
        bands = {"Map": self.full(classes).astype("uint8")}
        return self.add(
            "ESA/WorldCover/v200", "2021", bands, time="2021-01-01", pyramiding={"Map": "MODE"}
        )

    def connect(self):
        with CatalogWriter(self.folder, title="synthetic scenes") as catalog:
            for image in self._images:
                catalog.add_image(**image)
        self._images = []
        return connect_client(self.folder)

    def region(self):
        side = self.size * 10
        return ee.Geometry.Rectangle(
            [WEST, NORTH - side, WEST + side, NORTH], ee.Projection(CRS), False
        )

    def read(self, image, *, scale=10, size=None):
        """Pixels by band as float64 with NaN where masked."""
        return read(image, scale=scale, width=size or self.size * 10 // scale)


def read(image, *, scale=10, width=SIZE, height=None, west=WEST, north=NORTH):
    """Pixels of an image by band as float64 with NaN where masked."""
    image = ee.Image(image)
    pixels = ee.data.computePixels(
        {
            "expression": image.toDouble().unmask(_MASKED, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": width, "height": height or width},
                "affineTransform": {
                    "scaleX": scale,
                    "shearX": 0,
                    "translateX": west,
                    "shearY": 0,
                    "scaleY": -scale,
                    "translateY": north,
                },
                "crsCode": CRS,
            },
        }
    )
    return {
        name: np.where(pixels[name] == _MASKED, np.nan, pixels[name].astype(float))
        for name in pixels.dtype.names
    }


def days_after(text, days, milliseconds=0):
    moment = utc(text) + timedelta(days=days, milliseconds=milliseconds)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
