"""Image collections: loading, joining and making one image of many."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_bands import add_bands
from gee_sm.emulator.functions.image_bands import cast as cast_image
from gee_sm.emulator.pixels.array_pixels import chosen, typed
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.running_reduction import RUNNING, running_reductions
from gee_sm.emulator.pixels.source import Masking, Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implementations, implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.feature import with_index
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import PixelType, union
from gee_sm.emulator.values.reducer import Reducer, settled


@implements("ImageCollection.load")
def load(id: str, version: int | None, context: Any) -> Collection:
    """Load a stored collection."""
    return context.catalog.collection(id)


@implements("ImageCollection.fromImages")
def from_images(images: list[Image]) -> Collection:
    """Make a collection; images without an index get their position."""
    return Collection(
        (
            image if "system:index" in image.properties else with_index(image, str(position))
            for position, image in enumerate(images)
        ),
        of_images=True,
    )


@implements("ImageCollection.merge")
def merge(collection1: Collection, collection2: Collection) -> Collection:
    """Put two collections behind each other; indices get the prefixes ``1_`` and ``2_``."""

    def elements() -> Any:
        for prefix, collection in (("1_", collection1), ("2_", collection2)):
            for image in collection:
                yield with_index(image, f"{prefix}{image.properties.get('system:index', '')}")

    return Collection(elements(), collection1.properties, of_images=True)


@implements("ImageCollection.combine")
def combine(primary: Collection, secondary: Collection, overwrite: bool) -> Collection:
    """Add to each image the bands of the image with the same index in another collection."""
    others = {image.properties.get("system:index"): image for image in secondary}
    return primary.derived(
        add_bands(image, others[image.properties.get("system:index")], None, overwrite)
        for image in primary
        if image.properties.get("system:index") in others
    )


@implements("ImageCollection.cast")
def cast(collection: Collection, bandTypes: dict[str, Any], bandOrder: list[str]) -> Collection:
    """Cast the bands of every image."""
    return collection.derived(cast_image(image, bandTypes, bandOrder) for image in collection)


@implements("ImageCollection.toBands")
def to_bands(collection: Collection) -> Image:
    """Put all bands of all images into one image, named ``index_band``."""
    bands = []
    for image in collection:
        index = image.properties.get("system:index", "")
        bands.extend(replace(band, name=f"{index}_{band.name}") for band in image.bands)
        if len(bands) > 5000:
            raise EarthEngineError("ImageCollection.toBands: More than 5000 bands.")
    return Image(tuple(bands))


def homogeneous(collection: Collection) -> list[Image]:
    """Return the images of a collection, which must have the same bands.

    Raises
    ------
    EarthEngineError
        If they differ, in the service's words.
    """
    images = [image for image in collection if image is not None]
    if not images:
        return []
    first = images[0]
    for image in images[1:]:
        if image.names != first.names:
            raise EarthEngineError(
                "Expected a homogeneous image collection, but an image with incompatible bands "
                f"was encountered: First image type: {len(first.bands)} bands "
                f"([{', '.join(first.names)}]). Current image type: {len(image.bands)} bands "
                f"([{', '.join(image.names)}]). Image ID: "
                f"{image.properties.get('system:index')}"
            )
    return images


def _joint_type(bands: list[Band]) -> PixelType:
    found = bands[0].type
    for band in bands[1:]:
        found = union(found, band.type)
    return found


@implements("ImageCollection.mosaic")
def mosaic(collection: Collection) -> Image:
    """Lay the images over each other, the last on top; masked pixels show what is below."""
    images = homogeneous(collection)
    if not images:
        return Image(())
    bands = []
    for index, band in enumerate(images[0].bands):
        layers = [image.bands[index] for image in images]
        result = _joint_type(layers)
        sources = [layer.source for layer in reversed(layers)]
        bands.append(Band(band.name, result, DEFAULT, Masking(_topmost(result), sources)))
    return Image(tuple(bands))


def _topmost(result: PixelType) -> Any:
    dtype = result.dtype

    def function(*tiles: Tile) -> Tile:
        data = mask = None
        for tile in tiles:
            if tile.is_empty:
                continue
            if data is None:
                data, mask = typed(tile.data, dtype), tile.mask
            else:
                holes = mask == 0
                data = chosen(holes, tile.data, data, dtype)
                below = np.ones((), bool) if tile.mask is None else tile.mask
                if mask.dtype == bool and below.dtype == bool:
                    mask = np.where(holes, below, mask)
                else:
                    mask = np.where(holes, below, mask).astype(np.float32)
            if mask is None or mask.all():
                if mask is not None and mask.dtype == bool:
                    mask = None
                break
        return empty(dtype) if data is None else Tile(data, mask)

    return function


@implements("ImageCollection.qualityMosaic")
def quality_mosaic(collection: Collection, qualityBand: str) -> Image:
    """Take each pixel from the image whose quality band is highest there."""
    images = homogeneous(collection)
    if not images:
        return Image(())
    images[0].band(qualityBand)
    count = len(images)
    quality = [image.band(qualityBand).source for image in images]
    bands = []
    for index, band in enumerate(images[0].bands):
        layers = [image.bands[index] for image in images]
        result = _joint_type(layers)
        shared = Shared(_best(count, result), [*quality, *(layer.source for layer in layers)])
        bands.append(Band(band.name, result, DEFAULT, Pick(shared, 0)))
    return Image(tuple(bands))


def _best(count: int, result: PixelType) -> Any:
    dtype = result.dtype

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile]:
        best = np.full(grid.shape, -np.inf)
        data = np.zeros(grid.shape, dtype)
        mask = np.zeros(grid.shape, np.float32)
        for quality, layer in zip(tiles[:count], tiles[count:], strict=True):
            if quality.is_empty or layer.is_empty:
                continue
            score = np.where(quality.valid(grid.shape), quality.filled(grid.shape), -np.inf)
            better = (score > best) & layer.valid(grid.shape)
            best = np.where(better, score, best)
            data = np.where(better, layer.data.astype(dtype), data)
            mask = np.where(better, layer.weights(grid.shape), mask)
        return (Tile(data, mask),)

    return function


def reduce_images(images: list[Image], reducer: Reducer, *, plain_names: bool = False) -> Image:
    """Reduce a stack of images pixel by pixel.

    ``plain_names`` keeps the band names, as the shortcuts ``mean()``, ``max()`` ... do.
    """
    if not images:
        return Image(())
    bands = []
    if reducer.kind in RUNNING and not any(b.type.dimensions for i in images for b in i.bands):
        return _in_turn(images, reducer, plain_names)
    if reducer.inputs == 1:
        for index, band in enumerate(images[0].bands):
            layers = [image.bands[index] for image in images]
            names = (
                [band.name]
                if plain_names
                else [f"{band.name}_{output}" for output in reducer.outputs]
            )
            bands.extend(_reduced([layers], reducer, names))
    else:
        if len(images[0].bands) != reducer.inputs:
            raise EarthEngineError(
                f"Need {reducer.inputs} bands for the reducer, the images have "
                f"{len(images[0].bands)}."
            )
        groups = [[image.bands[i] for image in images] for i in range(reducer.inputs)]
        bands.extend(_reduced(groups, reducer, list(reducer.outputs)))
    return Image(tuple(bands))


def _in_turn(images: list[Image], reducer: Reducer, plain_names: bool) -> Image:
    """Reduce images of numbers by a reducer that needs one of them at a time."""
    layers = [[image.bands[index] for image in images] for index in range(len(images[0].bands))]
    types = [_joint_type(bands) for bands in layers]
    (rule,), (output,) = reducer.types, reducer.outputs
    results = [rule(joint) for joint in types]
    sources = running_reductions(
        str(reducer.kind),
        [[band.source for band in bands] for bands in layers],
        [joint.dtype for joint in types],
        [result.dtype for result in results],
    )
    names = images[0].names
    return Image(
        tuple(
            Band(name if plain_names else f"{name}_{output}", result, DEFAULT, source)
            for name, result, source in zip(names, results, sources, strict=True)
        )
    )


def _reduced(groups: list[list[Band]], reducer: Reducer, names: list[str]) -> list[Band]:
    count = len(groups[0])
    types = [_joint_type(group) for group in groups]
    sources = list(itertools.chain.from_iterable((b.source for b in group) for group in groups))
    results = [rule(types[0]) for rule in reducer.types]

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        rows = [[tiles[g * count + i] for g in range(len(groups))] for i in range(count)]
        rows = [row for row in rows if not any(tile.is_empty for tile in row)]
        if not rows:
            return tuple(empty(result.dtype) for result in results)
        stacks = [
            _stack([row[g].filled(grid.shape) for row in rows], types[g].dtype)
            for g in range(len(groups))
        ]
        weights = np.stack(
            [np.minimum.reduce([tile.weights(grid.shape) for tile in row]) for row in rows]
        )
        found = []
        for (value, valid), result in zip(
            reducer.over_arrays(stacks, weights), results, strict=True
        ):
            data = settled(value, valid, result.dtype)
            found.append(Tile(data, None if np.all(valid) else np.asarray(valid)))
        return tuple(found)

    shared = Shared(function, sources)
    return [
        Band(name, result, DEFAULT, Pick(shared, index))
        for index, (name, result) in enumerate(zip(names, results, strict=True))
    ]


def _stack(layers: list[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """Put the layers of one band behind each other.

    Raises
    ------
    EarthEngineError
        If they are arrays of different lengths.
    """
    lengths = {None if layer.dtype == object else layer.shape[2:] for layer in layers}
    if len(lengths) > 1 or None in lengths:
        raise EarthEngineError(
            "Arrays must have the same lengths to be reduced; Image.arrayPad makes them so."
        )
    return np.stack([layer.astype(dtype, copy=False) for layer in layers])


@implements("ImageCollection.reduce")
def reduce(collection: Collection, reducer: Reducer, parallelScale: float) -> Image:
    """Reduce the images pixel by pixel; bands are named ``band_output``."""
    return reduce_images(homogeneous(collection), reducer)


def _shortcut(name: str, reducer_name: str, *arguments: Any) -> None:
    @implements(f"reduce.{name}")
    def operator(collection: Collection) -> Image:
        constructor = implementations()[f"Reducer.{reducer_name}"].function
        return reduce_images(homogeneous(collection), constructor(*arguments), plain_names=True)


for _name in ("count", "sum", "product", "mean"):
    _shortcut(_name, _name)
_shortcut("min", "min", 1)
_shortcut("max", "max", 1)
_shortcut("and", "allNonZero")
_shortcut("or", "anyNonZero")
_shortcut("median", "median", None, None, None)
_shortcut("mode", "mode", None, None, None)


@implements("Image.reduce")
def reduce_bands(image: Image, reducer: Reducer) -> Image:
    """Reduce the bands of an image pixel by pixel; results are named like the outputs."""
    if not image.bands:
        raise EarthEngineError(
            f"Need at least 1 band for Reducer with outputs {list(reducer.outputs)}, image has 0."
        )
    projection = image.first_band.projection
    if reducer.inputs == 1:
        layers = [Image((replace(band, name="band"),)) for band in image.bands]
        reduced = reduce_images(layers, reducer)
        bands = [
            replace(band, name=name, projection=projection)
            for band, name in zip(reduced.bands, reducer.outputs, strict=True)
        ]
        return replace(image.with_bands(bands), id=None)
    if len(image.bands) % reducer.inputs:
        raise EarthEngineError(
            f"Need {reducer.inputs} bands for the reducer, image has {len(image.bands)}."
        )
    groups: list[Image] = [
        Image(image.bands[start : start + reducer.inputs])
        for start in range(0, len(image.bands), reducer.inputs)
    ]
    names = groups[0].names
    groups = [
        group.with_bands(replace(b, name=n) for b, n in zip(group.bands, names, strict=True))
        for group in groups
    ]
    reduced = reduce_images(groups, reducer)
    return replace(
        image.with_bands(replace(band, projection=projection) for band in reduced.bands), id=None
    )
