"""Assets that users make: folders, collections, images and tables below one folder on disk.

The hierarchy on disk is that of the ids. Every asset is a folder with an ``asset.json``; the files
of an image or a table lie in a folder of their own inside it, named after the version, so that an
overwritten asset is never read half old and half new. What is being written has a hidden name.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.asset import AssetBand
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.service.asset_names import check_asset_id
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.geometry import geometry_of_geojson
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import PixelType

__all__ = ["STAGING", "AssetStore", "not_found"]

STAGING = ".staging-"
"""How the names of folders begin in which assets are being written."""

_RECORD = "asset.json"
_CONTAINERS = ("FOLDER", "IMAGE_COLLECTION")


def not_found(asset_id: str) -> EarthEngineError:
    """Return the service's error for an asset that is not there."""
    return EarthEngineError(
        f"Asset '{asset_id:.200}' does not exist or doesn't allow this operation.",
        code=404,
        status="NOT_FOUND",
    )


class AssetStore:
    """Assets below one folder, made when something is stored first.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path):
        self.path = path
        self.generation = 0
        self._lock = threading.RLock()

    # -- reading -------------------------------------------------------------------------------

    def record(self, asset_id: str) -> dict[str, Any] | None:
        """Return what is known of an asset, None for one that is not there."""
        try:
            text = (self._folder(asset_id) / _RECORD).read_text(encoding="utf-8")
        except (EarthEngineError, FileNotFoundError, NotADirectoryError):
            return None
        return json.loads(text)

    def kind(self, asset_id: str) -> str | None:
        """Return FOLDER, IMAGE, IMAGE_COLLECTION, TABLE or CLASSIFIER; None for no asset."""
        record = self.record(asset_id)
        return None if record is None else record["type"]

    def children(self, asset_id: str) -> Iterator[str]:
        """Yield the ids of the assets directly in a folder or collection."""
        folder = self._folder(asset_id) if asset_id else self.path
        if not folder.is_dir():
            return
        for child in sorted(folder.iterdir()):
            if (child / _RECORD).is_file():
                yield f"{asset_id}/{child.name}" if asset_id else child.name

    def count_below(self, asset_id: str) -> int:
        """Return the number of assets in a folder, with those in its folders."""
        return sum(1 + self.count_below(child) for child in self.children(asset_id))

    def image(self, asset_id: str) -> Image:
        """Return a stored image."""
        record = self.record(asset_id)
        if record is None or record["type"] != "IMAGE":
            raise not_found(asset_id)
        data = self._folder(asset_id) / record["data"]
        properties = {**record["properties"], "system:index": asset_id.rpartition("/")[2]}
        if "size" in record:
            properties["system:asset_size"] = record["size"]
        footprint = record.get("geometry")
        return Image(
            tuple(_band(data, band) for band in record["bands"]),
            properties,
            None if footprint is None else geometry_of_geojson(footprint, geodesic=False),
            id=asset_id,
            version=record["version"],
        )

    def collection(self, asset_id: str) -> Collection:
        """Return a stored image collection."""
        record = self.record(asset_id)
        if record is None or record["type"] != "IMAGE_COLLECTION":
            raise not_found(asset_id)
        images = [self.image(child) for child in self.children(asset_id)]
        return Collection(
            images, record["properties"], id=asset_id, of_images=True, version=record["version"]
        )

    def table(self, asset_id: str) -> Collection:
        """Return a stored table."""
        record = self.record(asset_id)
        if record is None or record["type"] != "TABLE":
            raise not_found(asset_id)
        path = self._folder(asset_id) / record["data"] / "features.json"
        features = json.loads(path.read_text(encoding="utf-8"))
        return Collection(
            [_feature(feature) for feature in features],
            record["properties"],
            id=asset_id,
            of_images=False,
            version=record["version"],
        )

    def files(self, asset_id: str, kind: str) -> Path:
        """Return the folder of an asset's files; it must be of the given kind."""
        record = self.record(asset_id)
        if record is None or record["type"] != kind:
            raise not_found(asset_id)
        return self._folder(asset_id) / record["data"]

    # -- writing -------------------------------------------------------------------------------

    def make_container(
        self, asset_id: str, kind: str, properties: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Create an empty folder or image collection and return its record.

        Raises
        ------
        EarthEngineError
            If the id is taken, its parent is missing, or the kind is another.
        """
        if kind not in _CONTAINERS:
            raise EarthEngineError(
                f"Cannot create an asset of type '{kind!s:.40}': expected FOLDER or "
                "IMAGE_COLLECTION; images and tables come from exports and uploads."
            )
        with self._lock:
            self._check_free(asset_id, kind, overwrite=False)
            record = _new_record(asset_id, kind, properties)
            self._write_record(asset_id, record)
            return record

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a hidden folder in which to write the files of an asset to be.

        What is not moved from there by :meth:`store` is removed.
        """
        folder = self.path / f"{STAGING}{uuid.uuid4().hex}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def check_destination(self, asset_id: str, kind: str, *, overwrite: bool) -> None:
        """Check that an asset of a kind may be stored under an id.

        Raises
        ------
        EarthEngineError
            If it may not, in the service's words.
        """
        with self._lock:
            self._check_free(asset_id, kind, overwrite=overwrite)

    def store(
        self,
        asset_id: str,
        kind: str,
        staged: Path,
        details: dict[str, Any],
        properties: dict[str, Any],
        *,
        overwrite: bool = False,
        made_by: str | None = None,
    ) -> dict[str, Any]:
        """Make staged files an asset and return its record.

        Parameters
        ----------
        asset_id, kind : str
            Id, and IMAGE, TABLE or CLASSIFIER.
        staged : Path
            A folder from :meth:`staging`; it is moved.
        details : dict
            Members of the record that belong to the kind, such as ``bands``.
        properties : dict
            The asset's properties.
        overwrite : bool
            Replace an asset of that id.
        made_by : str, optional
            Name of the task that made it.
        """
        with self._lock:
            self._check_free(asset_id, kind, overwrite=overwrite)
            record = {**_new_record(asset_id, kind, properties), **details, "made_by": made_by}
            record["size"] = sum(path.stat().st_size for path in staged.iterdir())
            record["data"] = f".v{record['version']}"
            folder = self._folder(asset_id)
            folder.mkdir(parents=True, exist_ok=True)
            former = self.record(asset_id)
            os.replace(staged, folder / record["data"])
            self._write_record(asset_id, record)
            if former is not None and "data" in former:
                shutil.rmtree(folder / former["data"], ignore_errors=True)
            return record

    def update(self, asset_id: str, change: dict[str, Any]) -> dict[str, Any]:
        """Change members of a record and return it."""
        with self._lock:
            record = self.record(asset_id)
            if record is None:
                raise not_found(asset_id)
            record.update(change)
            record["updated"] = time.time()
            self._write_record(asset_id, record)
            return record

    def delete(self, asset_id: str) -> None:
        """Remove an asset; folders and collections must be empty.

        Raises
        ------
        EarthEngineError
            If there is none, or it has children.
        """
        with self._lock:
            if self.record(asset_id) is None:
                raise not_found(asset_id)
            if any(self.children(asset_id)):
                raise EarthEngineError(
                    f"Cannot delete non-empty asset '{asset_id}'.", status="FAILED_PRECONDITION"
                )
            self.generation += 1
            folder = self._folder(asset_id)
            (folder / _RECORD).unlink()
            shutil.rmtree(folder, ignore_errors=True)

    def copy(self, source: str, destination: str, *, overwrite: bool = False) -> dict[str, Any]:
        """Copy an image or a table and return the copy's record."""
        with self._lock:
            record = self.record(source)
            if record is None:
                raise not_found(source)
            if "data" not in record:
                raise EarthEngineError(f"Cannot copy '{source}': it is of type {record['type']}.")
            details = {k: record[k] for k in ("bands", "geometry") if k in record}
            with self.staging() as staged:
                shutil.copytree(self._folder(source) / record["data"], staged, dirs_exist_ok=True)
                return self.store(
                    destination,
                    record["type"],
                    staged,
                    details,
                    record["properties"],
                    overwrite=overwrite,
                )

    def move(self, source: str, destination: str) -> dict[str, Any]:
        """Give an asset, with everything in it, another id."""
        with self._lock:
            record = self.record(source)
            if record is None:
                raise not_found(source)
            self._check_free(destination, record["type"], overwrite=False)
            if f"{destination}/".startswith(f"{source}/"):
                raise EarthEngineError(f"Cannot move '{source}' into itself.")
            folder = self._folder(destination)
            folder.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._folder(source), folder)
            record["id"] = destination
            self._write_record(destination, record)
            return record

    # -- inside --------------------------------------------------------------------------------

    def _folder(self, asset_id: str) -> Path:
        return self.path.joinpath(*check_asset_id(asset_id).split("/"))

    def _check_free(self, asset_id: str, kind: str, *, overwrite: bool) -> None:
        check_asset_id(asset_id)
        former = self.kind(asset_id)
        if former in _CONTAINERS or (former is not None and not overwrite):
            raise EarthEngineError(
                f"Cannot overwrite asset '{asset_id}'.", code=400, status="ALREADY_EXISTS"
            )
        parent = asset_id.rpartition("/")[0]
        if is_root(parent):
            return
        holder = self.kind(parent)
        if holder == "IMAGE_COLLECTION" and kind != "IMAGE":
            raise EarthEngineError(
                f"Cannot create asset '{asset_id}': an image collection holds images, not an asset "
                f"of type {kind}.",
                status="FAILED_PRECONDITION",
            )
        if not is_root(asset_id) and holder not in _CONTAINERS:
            raise EarthEngineError(
                f"Cannot create asset '{asset_id}': parent '{parent}' does not exist, or is no "
                "folder or collection.",
                status="FAILED_PRECONDITION",
            )

    def _write_record(self, asset_id: str, record: dict[str, Any]) -> None:
        self.generation += 1
        folder = self._folder(asset_id)
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{uuid.uuid4().hex}.part"
        try:
            partial.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
            os.replace(partial, folder / _RECORD)
        finally:
            partial.unlink(missing_ok=True)


def is_root(asset_id: str) -> bool:
    """Whether an id is a place where anybody may create assets: a project's or user's root."""
    parts = asset_id.split("/")
    if parts[0] == "projects":
        return len(parts) <= 2 or (len(parts) == 3 and parts[2] == "assets")
    return len(parts) <= (2 if parts[0] == "users" else 0)


def _new_record(asset_id: str, kind: str, properties: dict[str, Any] | None) -> dict[str, Any]:
    now = time.time()
    return {
        "type": kind,
        "id": asset_id,
        "version": round(now * 1e6),
        "updated": now,
        "properties": dict(properties or {}),
    }


def _band(folder: Path, record: dict[str, Any]) -> Band:
    projection = Projection(record["crs"], tuple(record["transform"]))
    width, height = record["size"]
    pixel_type = PixelType(record["precision"], record.get("minimum"), record.get("maximum"))
    source = AssetBand(
        folder / record["file"],
        1,
        projection,
        width,
        height,
        record["policy"],
        weights=folder / record["weights"] if "weights" in record else None,
    )
    return Band(record["name"], pixel_type, projection, source, (width, height))


def _feature(record: dict[str, Any]) -> Feature:
    geometry = record["geometry"]
    return Feature(
        None if geometry is None else geometry_of_geojson(geometry), record["properties"]
    )
