"""A static STAC catalog read as Earth Engine assets.

The layout is described in ``docs/emulator-catalog.md``: a Collection's id is the asset id, an Item
is one image, an Item's assets are its bands. Metadata are read once, when a collection is first
asked for; pixels are left to :mod:`gee_sm.emulator.pixels.asset`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rasterio
import rasterio.errors

from gee_sm.emulator.catalog.derived import DERIVED
from gee_sm.emulator.catalog.series import SERIES_FIELD, stored_images
from gee_sm.emulator.errors import CatalogError, EarthEngineError
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.pixels.grid import Projection, crs_of
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.element_columns import ElementColumns
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import geometry_of_geojson
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import of_dtype

_KINDS = ("IMAGE_COLLECTION", "IMAGE", "TABLE")

_STAC_FIELDS = frozenset({"datetime", "start_datetime", "end_datetime", "created", "updated"})

_MODIS_CRS = rasterio.crs.CRS.from_user_input(crs_of("SR-ORG:6974"))

_OF_THE_SERIES = frozenset({SERIES_FIELD, "system:time_start", "system:time_end"})
"""Fields of a series' item that say nothing of a single image of it."""


class Catalog:
    """The assets below one folder.

    Parameters
    ----------
    path : Path
        Folder that holds ``catalog.json``.

    Raises
    ------
    CatalogError
        If there is no catalog, or it names files outside its folder.
    """

    def __init__(self, path: Path | str):
        self.path = Path(path).resolve()
        root = self.path / "catalog.json"
        if not root.is_file():
            raise CatalogError(
                f"no catalog.json in {self.path}: expected a folder written by `gee-sm sample` or "
                "by CatalogWriter (an interrupted write leaves none: write it again)"
            )
        self.root = _read_json(root)
        self._lock = threading.RLock()
        self._entries: dict[str, tuple[Path, dict[str, Any]]] = {}
        self._loaded: dict[str, Any] = {}
        self._columns: dict[str, ElementColumns] = {}
        self._footprints: dict[str, Any] = {}
        with _as_laid_out(root):
            hrefs = [link["href"] for link in self.root.get("links", ()) if link["rel"] == "child"]
            children = [self.inside(root.parent, href) for href in hrefs]
        for child in children:
            document = _read_json(child)
            with _as_laid_out(child):
                kind = document.setdefault("gee:type", "IMAGE_COLLECTION")
                if kind not in _KINDS:
                    raise ValueError(f"gee:type is {kind!r}, not one of {', '.join(_KINDS)}")
                if not isinstance(document["id"], str):
                    raise TypeError("id is not text")
                if not isinstance(document.get("gee:properties") or {}, dict):
                    raise TypeError("gee:properties is not an object")
                self._entries[document["id"]] = (child, document)

    @property
    def asset_ids(self) -> list[str]:
        """Ids of all stored assets."""
        return sorted(self._entries)

    def kind(self, asset_id: str) -> str | None:
        """Return IMAGE, IMAGE_COLLECTION or TABLE; None for an unknown asset."""
        if asset_id in self._entries:
            return self._entries[asset_id][1]["gee:type"]
        parent, _, index = asset_id.rpartition("/")
        if self.kind_of_entry(parent) == "IMAGE_COLLECTION" and any(
            image.properties.get("system:index") == index for image in self.collection(parent)
        ):
            return "IMAGE"
        return None

    def kind_of_entry(self, asset_id: str) -> str | None:
        """Return the kind of a stored or derived entry without looking into its items."""
        entry = self._entries.get(self._stored(asset_id))
        return None if entry is None else entry[1]["gee:type"]

    def image(self, asset_id: str) -> Image:
        """Return a single image: an asset of its own, or one of a collection.

        Raises
        ------
        EarthEngineError
            If there is none of that id, in the service's words.
        """
        if self.kind_of_entry(asset_id) == "IMAGE":
            return next(iter(self._images(asset_id)))
        parent, _, index = asset_id.rpartition("/")
        if self.kind_of_entry(parent) == "IMAGE_COLLECTION":
            for image in self._images(parent):
                if image.properties["system:index"] == index:
                    return image
        raise EarthEngineError(
            f"Image.load: Image asset '{asset_id}' not found "
            "(does not exist or caller does not have access)."
        )

    def collection(self, asset_id: str) -> Collection:
        """Return an image collection.

        Raises
        ------
        EarthEngineError
            If there is none of that id, in the service's words.
        """
        if self.kind_of_entry(asset_id) != "IMAGE_COLLECTION":
            raise EarthEngineError(
                f"ImageCollection.load: ImageCollection asset '{asset_id}' not found "
                "(does not exist or caller does not have access)."
            )
        document = self._entries[self._stored(asset_id)][1]
        columns = self._columns_of(asset_id, self._images(asset_id))
        return Collection(
            columns.elements,
            document.get("gee:properties"),
            id=asset_id,
            of_images=True,
            columns=columns,
        )

    def table(self, asset_id: str) -> Collection:
        """Return a feature collection.

        Raises
        ------
        EarthEngineError
            If there is none of that id, in the service's words.
        """
        if self.kind_of_entry(asset_id) != "TABLE":
            raise EarthEngineError(
                f"Collection.loadTable: Collection asset '{asset_id}' not found."
            )
        document = self._entries[asset_id][1]
        with self._lock:
            if asset_id not in self._loaded:
                path = self._table_file(asset_id)
                document_of_features = _read_json(path)
                with _as_laid_out(path):
                    features = document_of_features["features"]
                    self._loaded[asset_id] = [_feature(f, i) for i, f in enumerate(features)]
        columns = self._columns_of(asset_id, self._loaded[asset_id])
        return Collection(
            columns.elements,
            document.get("gee:properties"),
            id=asset_id,
            of_images=False,
            columns=columns,
        )

    def table_bytes(self, asset_id: str) -> int:
        """Return the size of a table's file."""
        path = self._table_file(asset_id)
        if not path.is_file():
            raise CatalogError(f"the catalog links to {path.name}, which does not exist")
        return path.stat().st_size

    def _table_file(self, asset_id: str) -> Path:
        path, document = self._entries[asset_id]
        with _as_laid_out(path):
            return self.inside(path.parent, document["assets"]["features"]["href"])

    def _columns_of(self, asset_id: str, elements: list[Any]) -> ElementColumns:
        with self._lock:
            if asset_id not in self._columns:
                self._columns[asset_id] = ElementColumns(elements)
            return self._columns[asset_id]

    def _stored(self, asset_id: str) -> str:
        """Return the asset that holds the pixels of an asset: itself, or what it is made from."""
        if asset_id not in self._entries and asset_id in DERIVED:
            return DERIVED[asset_id][0]
        return asset_id

    def inside(self, base: Path, href: str) -> Path:
        """Resolve a link of the catalog, which may not lead out of its folder.

        Raises
        ------
        CatalogError
            If the link is remote, absolute, or points outside.
        """
        if "://" in href or href.startswith("/"):
            raise CatalogError(f"the catalog links to {href!r}: only relative links are followed")
        path = (base / href).resolve()
        if not path.is_relative_to(self.path):
            raise CatalogError(f"the catalog links to {href!r}, outside of its own folder")
        return path

    def _images(self, asset_id: str) -> list[Image]:
        stored = self._stored(asset_id)
        with self._lock:
            if stored != asset_id and asset_id not in self._loaded:
                change = DERIVED[asset_id][1]
                self._loaded[asset_id] = [
                    replace(change(image), id=f"{asset_id}/{image.properties['system:index']}")
                    for image in self._images(stored)
                ]
            if asset_id not in self._loaded:
                path, document = self._entries[asset_id]
                with _as_laid_out(path):
                    links = [link for link in document.get("links", ()) if link["rel"] == "item"]
                    items = [self.inside(path.parent, link["href"]) for link in links]
                single = document["gee:type"] == "IMAGE"
                if single and len(items) != 1:
                    raise CatalogError(f"{asset_id} is one image, and has {len(items)} items")
                images = [
                    image
                    for item in items
                    for image in self._images_of_item(item, asset_id, single=single)
                ]
                images.sort(key=lambda image: image.properties["system:index"])
                self._loaded[asset_id] = images
            return self._loaded[asset_id]

    def _images_of_item(self, path: Path, asset_id: str, *, single: bool) -> list[Image]:
        """Return the one image of an item, or all images of a series."""
        item = _read_json(path)
        with _as_laid_out(path):
            return self._images_of_document(path, item, asset_id, single=single)

    def _images_of_document(
        self, path: Path, item: dict[str, Any], asset_id: str, *, single: bool
    ) -> list[Image]:
        if SERIES_FIELD not in item.get("properties", {}):
            return [self._image(path, item, asset_id, single=single)]
        shared = self._image(path, item, asset_id, single=False)
        found = stored_images(item["properties"])
        properties = {
            key: value
            for key, value in shared.properties.items()
            if not key.startswith("cube:") and key not in _OF_THE_SERIES
        }
        properties["system:asset_size"] //= max(1, len(found))
        return [
            Image(
                tuple(
                    Band(b.name, b.type, b.projection, b.source.of_band(image.number), b.size)
                    for b in shared.bands
                ),
                {**properties, **image.properties, "system:index": image.index},
                shared.footprint,
                id=f"{asset_id}/{image.index}",
            )
            for image in found
        ]

    def _image(self, path: Path, item: dict[str, Any], asset_id: str, *, single: bool) -> Image:
        properties = {
            key: value
            for key, value in item.get("properties", {}).items()
            if key not in _STAC_FIELDS and not key.startswith("proj:")
        }
        properties["system:index"] = asset_id.rpartition("/")[2] if single else item["id"]
        paths = {self.inside(path.parent, asset["href"]) for asset in item["assets"].values()}
        properties["system:asset_size"] = sum(p.stat().st_size for p in paths if p.is_file())
        for name, field in (
            ("system:time_start", "start_datetime"),
            ("system:time_end", "end_datetime"),
        ):
            text = item.get("properties", {}).get(field)
            if name not in properties and text:
                properties[name] = _milliseconds(text)
        moment = item.get("properties", {}).get("datetime")
        if "system:time_start" not in properties and moment and not single:
            properties["system:time_start"] = _milliseconds(moment)
        bands = tuple(
            self._band(path.parent, name, asset, item["id"])
            for name, asset in item["assets"].items()
        )
        footprint = item.get("geometry")
        return Image(
            bands,
            properties,
            None if footprint is None else self._footprint(footprint),
            id=asset_id if single else f"{asset_id}/{item['id']}",
        )

    def _footprint(self, geojson: dict[str, Any]) -> Any:
        """Return a geometry, the same one for images that show the same place."""
        text = json.dumps(geojson)
        if text not in self._footprints:
            self._footprints[text] = geometry_of_geojson(geojson, geodesic=False)
        return self._footprints[text]

    def _band(self, base: Path, name: str, asset: dict[str, Any], item: str) -> Band:
        path = self.inside(base, asset["href"])
        try:
            with rasterio.open(path) as dataset:
                projection = Projection(_crs_name(dataset.crs), tuple(dataset.transform)[:6])
                width, height, dtype = dataset.width, dataset.height, dataset.dtypes[0]
        except rasterio.errors.RasterioError as error:
            raise EarthEngineError(
                f"Band '{name}' of image '{item}' cannot be read from {path.name}: {error}. "
                "Write the file again."
            ) from error
        policy = asset.get("gee:pyramiding_policy", "MEAN")
        source = AssetBand(path, 1, projection, width, height, policy)
        return Band(name, of_dtype(dtype), projection, source, (width, height))


def _crs_name(crs: rasterio.crs.CRS) -> str:
    """Return the service's name of a system: a code, MODIS' own, or WKT."""
    if crs is None:
        return "EPSG:4326"
    code = crs.to_epsg()
    if code is not None:
        return f"EPSG:{code}"
    return "SR-ORG:6974" if crs == _MODIS_CRS else crs.to_wkt()


def _feature(feature: dict[str, Any], position: int) -> Feature:
    geometry = feature.get("geometry")
    properties = dict(feature.get("properties") or {})
    properties.setdefault("system:index", str(feature.get("id", f"{position:020d}")))
    return Feature(None if geometry is None else geometry_of_geojson(geometry), properties)


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


@contextmanager
def _as_laid_out(path: Path) -> Iterator[None]:
    """Tell what is amiss with a file of the catalog that is JSON, but not of this layout."""
    try:
        yield
    except CatalogError:
        raise
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise CatalogError(
            f"{path.parent.name}/{path.name} is not laid out as a catalog's file "
            f"({type(error).__name__}: {error}): write it again, or repair it"
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CatalogError(f"the catalog links to {path.name}, which does not exist") from error
    except OSError as error:
        raise CatalogError(f"{path.name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # also of bytes that are no text
        raise CatalogError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise CatalogError(f"{path.name} is not a JSON object: write it again, or repair it")
    return document
