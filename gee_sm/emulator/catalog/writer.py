"""Arrays to a static STAC catalog that the emulator serves as Earth Engine assets.

The layout is described in ``docs/emulator-catalog.md``. Pixels are written as they are added; what
makes them visible (each ``collection.json``, then ``catalog.json``) is written by
:meth:`CatalogWriter.close`, each by a rename, so an interrupted write is not a catalog.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pystac
import shapely
import shapely.geometry
from affine import Affine
from rasterio.crs import CRS

from gee_sm.emulator.catalog.cog import write_cog
from gee_sm.emulator.catalog.series import (
    DATACUBE_EXTENSION,
    SeriesImage,
    cube_fields,
    milliseconds,
    write_bands,
)
from gee_sm.emulator.catalog.stac_elements import (
    NO_TIME,
    check_index,
    checked_feature,
    checked_geometry,
    folder_name,
    json_values,
    new_collection,
    new_item,
    read_json,
    write_json,
)
from gee_sm.emulator.catalog.stored_band import (
    StoredBand,
    checked_bands,
    crs_of,
    footprint_of,
)
from gee_sm.emulator.errors import CatalogError

__all__ = ["CatalogWriter"]


class CatalogWriter:
    """Write a catalog of images and tables, or add to one.

    Parameters
    ----------
    path : path-like
        Folder of the catalog; made if it does not exist. If it holds a ``catalog.json``, what is
        added joins what is there.
    title, description : str, optional
        What the catalog is; an existing catalog keeps its own where these are left out.
    extra_fields : mapping, optional
        Further fields of ``catalog.json``, such as ``gee_sm:region``.
    overviews : bool, default True
        Give each COG its overviews. The emulator makes its own pyramid, so a catalog of small
        scenes is a quarter smaller without them.

    Raises
    ------
    CatalogError
        What is already in the folder is not a catalog of this layout.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from affine import Affine
    >>> with CatalogWriter("catalog", title="One scene") as catalog:
    ...     folder = catalog.add_image(
    ...         "COPERNICUS/S1_GRD_FLOAT", "scene_1",
    ...         bands={"VV": np.full((30, 40), 0.05, "float32")},
    ...         crs="EPSG:32646", transform=Affine(10, 0, 406000, 0, -10, 3600000),
    ...         properties={"orbitProperties_pass": "ASCENDING"},
    ...         time_start=datetime(2020, 7, 1, 12, tzinfo=UTC),
    ...     )
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        description: str | None = None,
        extra_fields: Mapping[str, Any] | None = None,
        overviews: bool = True,
    ) -> None:
        self.path = Path(path)
        self.overviews = overviews
        self._collections: dict[str, pystac.Collection] = {}
        self._changed: set[str] = set()
        self._added: list[Path] = []
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise CatalogError(
                f"{self.path} is a file: a catalog needs a folder of its own"
            ) from error
        self._catalog = self._open_or_create(title, description)
        self._catalog.extra_fields.update(
            json_values(extra_fields or {}, "field of the catalog", str(self.path))
        )

    def add_image(
        self,
        asset_id: str,
        index: str | None = None,
        *,
        bands: Mapping[str, np.ndarray],
        crs: str | CRS,
        transform: Affine | Mapping[str, Affine],
        nodata: float | Mapping[str, float | None] | None = None,
        properties: Mapping[str, Any] | None = None,
        time_start: datetime | None = None,
        time_end: datetime | None = None,
        pyramiding: Mapping[str, str] | None = None,
        geometry: Mapping[str, Any] | None = None,
    ) -> Path:
        """Add one image: to a collection of images, or as a single-image asset.

        Parameters
        ----------
        asset_id : str
            Earth Engine id, such as ``COPERNICUS/S1_GRD_FLOAT``.
        index : str, optional
            The image's ``system:index`` in the collection; None for a single-image asset.
        bands : mapping of str to ndarray, shape (y, x)
            Band values as Earth Engine stores them (digital numbers, not physical units), in band
            order. Masked arrays are stored with the band's `nodata`.
        crs : str or rasterio.crs.CRS
            Coordinate reference system of all bands, such as ``EPSG:32646``.
        transform : affine.Affine or mapping of str to Affine
            Grid of all bands, or of each by name.
        nodata : number, mapping or None
            Value of masked pixels, for all bands or by name. None: NaN for floats, no mask for
            integers.
        properties : mapping, optional
            Image properties under their Earth Engine names.
        time_start, time_end : datetime, optional
            Acquisition; a time without zone is UTC. Images of a collection need a start.
        pyramiding : mapping of str to str, optional
            Pyramiding policy by band: MEAN (default), MODE, SAMPLE, MIN, MAX or MEDIAN.
        geometry : GeoJSON mapping, optional
            Footprint in WGS84 degrees; the union of the bands' grids by default.

        Returns
        -------
        pathlib.Path
            Folder of the image.

        Raises
        ------
        CatalogError
            Something does not fit; the message names the asset and the band. Nothing is left.
        """
        single = index is None
        name = asset_id.rpartition("/")[2] if index is None else index
        where = f"image {name!r} of {asset_id!r}"
        check_index(name, where)
        if not single and time_start is None:
            raise CatalogError(
                f"{where} has no time: give time_start, as collections are filtered by date"
            )
        reference = crs_of(crs, where)
        checked = checked_bands(bands, transform, nodata, pyramiding or {}, where)
        values = json_values(properties or {}, "property", where)
        footprint = (
            footprint_of(checked, reference) if geometry is None else checked_geometry(geometry)
        )
        collection = self._collection(asset_id, "IMAGE" if single else "IMAGE_COLLECTION")
        self._check_new(collection, name, where)
        if single and collection.get_item_links():
            raise CatalogError(f"{asset_id!r} is a single image and is in the catalog already")
        item = new_item(name, collection.id, footprint, values, time_start, time_end)
        with self._new_item(collection, item, checked, reference) as folder:
            for band in checked:
                write_cog(
                    folder / f"{band.name}.tif",
                    band.values,
                    crs=reference,
                    transform=band.transform,
                    nodata=band.nodata,
                    pyramiding_policy=band.policy,
                    overviews=self.overviews,
                )
        return folder

    def add_series(
        self,
        asset_id: str,
        name: str,
        *,
        images: Sequence[SeriesImage],
        pixels: Iterable[Mapping[str, np.ndarray]],
        crs: str | CRS,
        transform: Affine,
        nodata: float | Mapping[str, float | None] | None = None,
        properties: Mapping[str, Any] | None = None,
        pyramiding: Mapping[str, str] | None = None,
        geometry: Mapping[str, Any] | None = None,
    ) -> Path:
        """Add many images of one grid to a collection as one Item.

        Each band becomes one GeoTIFF whose band k is that of image k. Images are taken from
        `pixels` as they are written; a million pixels of each band and the compressed files are
        held.

        Parameters
        ----------
        asset_id : str
            Earth Engine id of the collection.
        name : str
            Name of the Item and its folder, such as the year. A few hundred images an Item are
            read fastest.
        images : sequence of SeriesImage
            Index, time and properties of the images.
        pixels : iterable of mapping of str to ndarray, shape (y, x)
            The bands of each image, in the order of `images`, as for :meth:`add_image`; names,
            types and shapes are those of the first.
        crs : str or rasterio.crs.CRS
            Coordinate reference system of all images.
        transform : affine.Affine
            Grid of all images.
        nodata, pyramiding, geometry
            As in :meth:`add_image`.
        properties : mapping, optional
            Image properties that all of them share.

        Returns
        -------
        pathlib.Path
            Folder of the series.

        Raises
        ------
        CatalogError
            Something does not fit; the message names the image and the band. Nothing is left.

        Examples
        --------
        >>> from datetime import UTC, datetime, timedelta
        >>> import numpy as np
        >>> from affine import Affine
        >>> days = [datetime(2020, 7, day, tzinfo=UTC) for day in range(1, 32)]
        >>> images = [
        ...     SeriesImage(f"{day:%Y%m%d}", day, day + timedelta(days=1)) for day in days
        ... ]
        >>> with CatalogWriter("rain", title="A month of rain") as catalog:
        ...     folder = catalog.add_series(
        ...         "UCSB-CHG/CHIRPS/DAILY", "2020",
        ...         images=images,
        ...         pixels=({"precipitation": np.zeros((60, 60), "float32")} for _ in days),
        ...         crs="EPSG:4326", transform=Affine(0.05, 0, 91, 0, -0.05, 34),
        ...     )
        """
        where = f"series {name!r} of {asset_id!r}"
        check_index(name, where)
        reference = crs_of(crs, where)
        common = json_values(properties or {}, "property", where)

        def checked(bands: Mapping[str, np.ndarray]) -> list[StoredBand]:
            return checked_bands(bands, transform, nodata, pyramiding or {}, where)

        rest = iter(pixels)
        first = checked(next(rest, {}))
        fields = cube_fields(
            images, first, reference, lambda p, here: json_values(p, "property", here), where
        )
        footprint = (
            footprint_of(first, reference) if geometry is None else checked_geometry(geometry)
        )
        collection = self._collection(asset_id, "IMAGE_COLLECTION")
        self._check_new(collection, name, where)
        item = new_item(
            name,
            collection.id,
            footprint,
            common,
            min((image.time_start for image in images), key=milliseconds),
            max((image.time_end or image.time_start for image in images), key=milliseconds),
        )
        for of_one_image in ("system:time_start", "system:time_end"):
            del item.properties[of_one_image]
        item.properties.update(fields)
        item.stac_extensions.append(DATACUBE_EXTENSION)
        with self._new_item(collection, item, first, reference) as folder:
            write_bands(
                folder,
                rest,
                images=images,
                first=first,
                checked=checked,
                crs=reference,
                where=where,
            )
        return folder

    def add_table(
        self, asset_id: str, features: Mapping[str, Any] | Iterable[Mapping[str, Any]]
    ) -> Path:
        """Add a table of features.

        Parameters
        ----------
        asset_id : str
            Earth Engine id of the table.
        features : GeoJSON FeatureCollection, or iterable of GeoJSON features
            Geometries in WGS84 degrees, with properties.

        Returns
        -------
        pathlib.Path
            The GeoJSON file.

        Raises
        ------
        CatalogError
            A feature is not GeoJSON, or the table is in the catalog already.
        """
        found = features.get("features", ()) if isinstance(features, Mapping) else features
        checked = [checked_feature(feature, i, asset_id) for i, feature in enumerate(found)]
        if not checked:
            raise CatalogError(f"table {asset_id!r} has no features: give at least one")
        collection = self._collection(asset_id, "TABLE")
        if "features" in collection.assets:
            raise CatalogError(f"table {asset_id!r} is in the catalog already")
        folder = self.path / folder_name(asset_id)
        folder.mkdir(parents=True, exist_ok=True)
        self._added.append(folder)
        write_json(folder / "features.geojson", {"type": "FeatureCollection", "features": checked})
        collection.add_asset(
            "features",
            pystac.Asset(
                href="./features.geojson", media_type=pystac.MediaType.GEOJSON, roles=["data"]
            ),
        )
        shapes = [shapely.geometry.shape(f["geometry"]) for f in checked if f["geometry"]]
        if shapes:
            self._extend(collection, list(shapely.union_all(shapes).bounds), None, None)
        return folder / "features.geojson"

    def describe(
        self,
        asset_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what an added asset is.

        Parameters
        ----------
        asset_id : str
            Earth Engine id of an asset of this catalog.
        title, description : str, optional
            Text of its collection.
        properties : mapping, optional
            Properties of the collection itself, as Earth Engine shows them.

        Raises
        ------
        CatalogError
            The asset is not in the catalog.
        """
        collection = self._loaded(asset_id)
        if collection is None:
            raise CatalogError(f"{asset_id!r} is not in the catalog: add it before describing it")
        if title is not None:
            collection.title = title
        if description is not None:
            collection.description = description
        collection.extra_fields["gee:properties"].update(
            json_values(properties or {}, "property", f"collection {asset_id!r}")
        )
        self._changed.add(asset_id)

    def close(self) -> None:
        """Make visible what was added: every ``collection.json``, then ``catalog.json``."""
        children = {link.href for link in self._catalog.get_child_links()}
        for asset_id in sorted(self._changed):
            href = f"./{folder_name(asset_id)}/collection.json"
            collection = self._collections[asset_id]
            write_json(self.path / href, collection.to_dict(transform_hrefs=False))
            if href not in children:
                self._catalog.add_link(
                    pystac.Link("child", href, pystac.MediaType.JSON, collection.title)
                )
        write_json(self.path / "catalog.json", self._catalog.to_dict(transform_hrefs=False))
        self._changed.clear()
        self._added.clear()

    def discard(self) -> None:
        """Remove the files of what was added since the catalog was opened or closed."""
        for path in self._added:
            shutil.rmtree(path, ignore_errors=True)
        for asset_id in self._changed:
            folder = self.path / folder_name(asset_id)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        self._changed.clear()
        self._added.clear()

    def __enter__(self) -> CatalogWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _open_or_create(self, title: str | None, description: str | None) -> pystac.Catalog:
        file = self.path / "catalog.json"
        if not file.exists():
            catalog = pystac.Catalog(
                id=re.sub(r"[^A-Za-z0-9_.\-]+", "-", title or self.path.resolve().name)
                or "catalog",
                title=title,
                description=description or title or "Earth Engine assets on local disk",
            )
            catalog.clear_links()
            catalog.add_link(pystac.Link("root", "./catalog.json", pystac.MediaType.JSON))
            return catalog
        catalog = pystac.Catalog.from_dict(read_json(file), preserve_dict=False)
        if title is not None:
            catalog.title = title
        if description is not None:
            catalog.description = description
        return catalog

    def _loaded(self, asset_id: str) -> pystac.Collection | None:
        """Return a collection that was added before, here or in an earlier session."""
        if asset_id in self._collections:
            return self._collections[asset_id]
        href = f"./{folder_name(asset_id)}/collection.json"
        if href not in {link.href for link in self._catalog.get_child_links()}:
            return None
        collection = pystac.Collection.from_dict(read_json(self.path / href), preserve_dict=False)
        if collection.id != asset_id:
            raise CatalogError(
                f"{asset_id!r} and {collection.id!r} would share the folder "
                f"{folder_name(asset_id)!r}: rename one of them"
            )
        self._collections[asset_id] = collection
        return collection

    def _collection(self, asset_id: str, kind: str) -> pystac.Collection:
        folder_name(asset_id)
        collection = self._loaded(asset_id)
        if collection is None:
            for other in self._collections:
                if folder_name(other) == folder_name(asset_id):
                    raise CatalogError(
                        f"{asset_id!r} and {other!r} would share the folder "
                        f"{folder_name(asset_id)!r}: rename one of them"
                    )
            collection = new_collection(asset_id, kind)
            self._collections[asset_id] = collection
        found = collection.extra_fields.get("gee:type", "IMAGE_COLLECTION")
        if found != kind:
            raise CatalogError(
                f"{asset_id!r} is of type {found} in this catalog, not {kind}: "
                "an index belongs to images of a collection, None to a single image"
            )
        self._changed.add(asset_id)
        return collection

    def _check_new(self, collection: pystac.Collection, name: str, where: str) -> None:
        if f"./{name}/item.json" in {link.href for link in collection.get_item_links()}:
            raise CatalogError(f"{where} is in the catalog already: choose another index")

    @contextmanager
    def _new_item(
        self,
        collection: pystac.Collection,
        item: pystac.Item,
        bands: Sequence[StoredBand],
        crs: CRS,
    ) -> Iterator[Path]:
        """Give the folder of an item to its files; describe them, or leave nothing."""
        folder = self.path / folder_name(collection.id) / item.id
        if folder.exists():
            # Not linked from the collection, so an interrupted write left it.
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        self._added.append(folder)
        try:
            yield folder
            for band in bands:
                item.add_asset(band.name, band.asset(crs))
            write_json(folder / "item.json", item.to_dict(transform_hrefs=False))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        collection.add_link(
            pystac.Link("item", f"./{item.id}/item.json", media_type=pystac.MediaType.GEOJSON)
        )
        self._extend(collection, item.bbox, item.common_metadata, item.datetime)

    def _extend(
        self,
        collection: pystac.Collection,
        bbox: Sequence[float] | None,
        times: pystac.CommonMetadata | None,
        moment: datetime | None,
    ) -> None:
        """Widen a collection's extent by one member."""
        boxes = [box for box in [*collection.extent.spatial.bboxes, bbox] if box is not None]
        if len(collection.get_item_links()) <= 1:
            boxes = boxes[-1:]
        array = np.array(boxes)
        collection.extent.spatial.bboxes = [
            [*map(float, array[:, :2].min(axis=0)), *map(float, array[:, 2:].max(axis=0))]
        ]
        start = (times.start_datetime if times else None) or moment
        end = (times.end_datetime if times else None) or moment
        if start is None or start == NO_TIME:
            return
        low, high = collection.extent.temporal.intervals[0]
        collection.extent.temporal.intervals = [
            [min(start, low or start), max(end or start, high or end or start)]
        ]
