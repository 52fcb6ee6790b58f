"""Spectral distances, and the morphology that is built on them (Plaza et al. 2002)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_arrays import array_band
from gee_sm.emulator.functions.image_neighbourhood import SharedWindow
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Pixelwise
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel, Kernel
from gee_sm.emulator.values.pixel_type import DOUBLE

Vectors = list[np.ndarray]


def _dot(a: Vectors, b: Vectors) -> np.ndarray:
    return sum((x * y for x, y in zip(a, b, strict=True)), np.zeros(()))


def _angle(a: Vectors, b: Vectors) -> np.ndarray:
    """Return the angle between spectra in radians; 0 where one is all zeros."""
    length = np.sqrt(_dot(a, a)) * np.sqrt(_dot(b, b))
    cosine = _dot(a, b) / np.where(length > 0, length, 1)
    return np.where(length > 0, np.arccos(np.clip(cosine, -1, 1)), 0.0)


def _divergence(a: Vectors, b: Vectors) -> np.ndarray:
    """Return the symmetric relative entropy of spectra whose values are taken as shares."""
    total_a, total_b = sum(a), sum(b)
    found = np.zeros(())
    for x, y in zip(a, b, strict=True):
        p, q = x / total_a, y / total_b
        # What both lack tells nothing; what one lacks makes them infinitely different.
        found = found + np.where((p == 0) & (q == 0), 0.0, (p - q) * (np.log(p) - np.log(q)))
    return found


def _squared(a: Vectors, b: Vectors) -> np.ndarray:
    return sum(((x - y) ** 2 for x, y in zip(a, b, strict=True)), np.zeros(()))


def _earth_mover(a: Vectors, b: Vectors) -> np.ndarray:
    """Return the work of moving what one spectrum has more of to the next bands."""
    carried, work = np.zeros(()), np.zeros(())
    for x, y in zip(a, b, strict=True):
        carried = carried + x - y
        work = work + np.abs(carried)
    return work


_METRICS: dict[str, Callable[[Vectors, Vectors], np.ndarray]] = {
    "sam": _angle,
    "sid": _divergence,
    "sed": _squared,
    "emd": _earth_mover,
}


def _metric(name: str) -> Callable[[Vectors, Vectors], np.ndarray]:
    if name not in _METRICS:
        raise EarthEngineError(f"The metric must be one of {', '.join(_METRICS)}, got '{name}'.")
    return _METRICS[name]


@implements("Image.spectralDistance")
def spectral_distance(image1: Image, image2: Image, metric: str) -> Image:
    """Return the distance between the spectra of two images, pixel by pixel."""
    measure = _metric(metric)
    if not image1.bands or not image2.bands:
        raise EarthEngineError("Both images must have bands.")
    first, second = image1.first_band, image2.first_band
    if first.type.dimensions or second.type.dimensions:
        if first.type.dimensions != 1 or second.type.dimensions != 1:
            raise EarthEngineError("Expected arrays of one dimension in the first band of both.")

        def of_arrays(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            if a.shape[2:] != b.shape[2:]:
                raise EarthEngineError(
                    f"The arrays have lengths {a.shape[2]} and {b.shape[2]}; expected equal ones."
                )
            return _measured(
                measure,
                [a[..., i] for i in range(a.shape[2])],
                [b[..., i] for i in range(b.shape[2])],
            )

        band = array_band(first, DOUBLE, of_arrays, (second,), name="distance")
        return replace(image1.with_bands([band]), id=None, version=None)
    count = len(image1.bands)
    if len(image2.bands) != count:
        raise EarthEngineError(
            f"The images must have the same number of bands, got {count} and {len(image2.bands)}."
        )

    def function(*values: np.ndarray) -> np.ndarray:
        return _measured(measure, list(values[:count]), list(values[count:]))

    source = Pixelwise(
        function, [band.source for band in (*image1.bands, *image2.bands)], DOUBLE.dtype
    )
    band = Band("distance", DOUBLE, first.projection, source)
    return replace(image1.with_bands([band]), id=None, version=None)


def _measured(
    measure: Callable[[Vectors, Vectors], np.ndarray], a: Vectors, b: Vectors
) -> np.ndarray:
    return measure([x.astype(np.float64) for x in a], [y.astype(np.float64) for y in b])


# -- morphology -----------------------------------------------------------------------------------


def _extremes(
    image: Image, metric: str, kernel: Kernel | None, use_centroid: bool
) -> tuple[SharedWindow, int]:
    """Return the shared computation of the nearest and the farthest spectrum under a kernel.

    Its results are the nearest spectrum's bands, then the farthest's.
    """
    measure = _metric(metric)
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    count = len(image.bands)

    def function(grid: Grid, window: FixedKernel, tiles: list[Tile]) -> tuple[Tile, ...]:
        pairs = [nb.split(tile, grid.shape) for tile in tiles]
        valid = np.logical_and.reduce([good for _, good in pairs])
        values = [layer.astype(np.float64) for layer, _ in pairs]
        halo = window.halo
        centre_valid = nb.inner(valid, halo)
        cells = [(dx, dy) for dx, dy, _ in window.offsets()]
        if use_centroid:
            ones = FixedKernel((window.weights != 0).astype(np.float64), window.x, window.y)
            present = valid.astype(np.float64)
            centre = [nb.weighted_mean(layer, present, ones)[1] for layer in values]
        else:
            centre = [nb.inner(layer, halo) for layer in values]
        shape = centre_valid.shape
        bounds = [np.full(shape, np.inf), np.full(shape, -np.inf)]
        found = [[nb.inner(layer, halo).copy() for layer, _ in pairs] for _ in bounds]
        for dx, dy in cells:
            here = [nb.shifted(layer, halo, dx, dy) for layer in values]
            good = nb.shifted(valid, halo, dx, dy)
            distance = np.broadcast_to(measure(here, centre), shape)
            for index, better in enumerate((distance < bounds[0], distance > bounds[1])):
                better = better & good
                bounds[index] = np.where(better, distance, bounds[index])
                for band, (layer, _) in enumerate(pairs):
                    moved = nb.shifted(layer, halo, dx, dy)
                    found[index][band] = np.where(better, moved, found[index][band])
        mask = None if centre_valid.all() else centre_valid
        return tuple(Tile(layer, mask) for layers in found for layer in layers)

    window = kernel or kernels.square(1, "pixels", False, 1.0)
    return SharedWindow(function, tuple(band.source for band in image.bands), window), count


def _morphology(name: str, *, farthest: bool) -> None:
    def operator(image: Image, metric: str, kernel: Kernel | None, useCentroid: bool) -> Image:
        shared, count = _extremes(image, metric, kernel, useCentroid)
        first = count if farthest else 0
        bands = [
            replace(band, source=Pick(shared, first + index), size=None)
            for index, band in enumerate(image.bands)
        ]
        return replace(image.with_bands(bands), id=None, version=None)

    implements(name)(of_scalars("image")(operator))


_morphology("Image.spectralErosion", farthest=False)
_morphology("Image.spectralDilation", farthest=True)


@implements("Image.spectralGradient")
@of_scalars("image")
def spectral_gradient(image: Image, metric: str, kernel: Kernel | None, useCentroid: bool) -> Image:
    """Return the distance between the spectral dilation and erosion."""
    measure = _metric(metric)
    shared, count = _extremes(image, metric, kernel, useCentroid)

    def function(*values: np.ndarray) -> np.ndarray:
        return _measured(measure, list(values[count:]), list(values[:count]))

    picks = [Pick(shared, index) for index in range(2 * count)]
    band = Band(
        "gradient", DOUBLE, image.first_band.projection, Pixelwise(function, picks, DOUBLE.dtype)
    )
    return replace(image.with_bands([band]), id=None, version=None)
