"""All assets of an emulator: those of its catalog, and those that its users made."""

from __future__ import annotations

from collections.abc import Iterator

from gee_sm.emulator.catalog.reader import Catalog
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_names import short_id
from gee_sm.emulator.service.asset_store import AssetStore
from gee_sm.emulator.service.classifier_asset import read_classifier
from gee_sm.emulator.values.classifier import Classifier
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Image

__all__ = ["AssetLibrary"]


class AssetLibrary:
    """What expressions load from, with the interface of a :class:`Catalog`.

    Parameters
    ----------
    catalog : Catalog or None
        Stored data that nobody changes.
    store : AssetStore
        Assets made through the service; they come first.
    """

    def __init__(self, catalog: Catalog | None, store: AssetStore):
        self.stored = catalog
        self.made = store
        self._reloads = 0

    @property
    def generation(self) -> int:
        """A number that changes whenever an asset does."""
        return self.made.generation + self._reloads

    def reload(self) -> None:
        """Read the catalog's folder again."""
        if self.stored is not None:
            self.stored = Catalog(self.stored.path)
            self._reloads += 1

    @property
    def asset_ids(self) -> list[str]:
        """Ids of the catalog's assets."""
        return [] if self.stored is None else self.stored.asset_ids

    def kind(self, asset_id: str) -> str | None:
        """Return FOLDER, IMAGE, IMAGE_COLLECTION, TABLE or CLASSIFIER; None for no asset."""
        found = self.made.kind(asset_id)
        if found is None and self.stored is not None:
            found = self.stored.kind(asset_id)
        if found is None and asset_id and any(self._below(asset_id)):
            found = "FOLDER"
        return found

    def image(self, asset_id: str) -> Image:
        """Return a single image, in the service's words if there is none."""
        asset_id = short_id(asset_id)
        if self.made.kind(asset_id) == "IMAGE":
            return self.made.image(asset_id)
        if self.stored is not None:
            return self.stored.image(asset_id)
        raise _absent("Image.load: Image", asset_id)

    def collection(self, asset_id: str) -> Collection:
        """Return an image collection, in the service's words if there is none."""
        asset_id = short_id(asset_id)
        if self.made.kind(asset_id) == "IMAGE_COLLECTION":
            return self.made.collection(asset_id)
        if self.stored is not None:
            return self.stored.collection(asset_id)
        raise _absent("ImageCollection.load: ImageCollection", asset_id)

    def table(self, asset_id: str) -> Collection:
        """Return a feature collection, in the service's words if there is none."""
        asset_id = short_id(asset_id)
        if self.made.kind(asset_id) == "TABLE":
            return self.made.table(asset_id)
        if self.stored is not None:
            return self.stored.table(asset_id)
        raise EarthEngineError(f"Collection.loadTable: Collection asset '{asset_id}' not found.")

    def classifier(self, asset_id: str) -> Classifier:
        """Return a stored classifier, in the service's words if there is none."""
        asset_id = short_id(asset_id)
        if self.made.kind(asset_id) != "CLASSIFIER":
            raise EarthEngineError(
                f"Classifier.load: Classifier asset '{asset_id}' not found (does not exist or "
                "caller does not have access)."
            )
        return read_classifier(self.made.files(asset_id, "CLASSIFIER"))

    def size(self, asset_id: str, kind: str) -> int | None:
        """Return the bytes of an asset's files; None for what only holds other assets."""
        record = self.made.record(asset_id)
        if record is not None:
            return record.get("size")
        if self.stored is None or kind not in ("IMAGE", "TABLE"):
            return None
        if kind == "TABLE":
            return self.stored.table_bytes(asset_id)
        return self.stored.image(asset_id).properties["system:asset_size"]

    def children(self, asset_id: str) -> list[str]:
        """Return the ids of the assets directly in a folder or collection, or at the top."""
        found = dict.fromkeys(self._below(asset_id))
        if self.stored is not None and self.stored.kind(asset_id) == "IMAGE_COLLECTION":
            found.update(dict.fromkeys(image.id for image in self.stored.collection(asset_id)))
        found.update(dict.fromkeys(self.made.children(asset_id)))
        return list(found)

    def _below(self, asset_id: str) -> Iterator[str]:
        """Yield catalog entries one level below an id, folders among them."""
        prefix = f"{asset_id}/" if asset_id else ""
        for entry in self.asset_ids:
            if entry.startswith(prefix):
                yield prefix + entry.removeprefix(prefix).partition("/")[0]


def _absent(what: str, asset_id: str) -> EarthEngineError:
    return EarthEngineError(
        f"{what} asset '{asset_id}' not found (does not exist or caller does not have access)."
    )
