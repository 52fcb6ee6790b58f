"""Focal statistics: the smallest, largest, middle, most frequent and mean value around."""

from __future__ import annotations

from dataclasses import replace

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_neighbourhood import reduce_neighborhood
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Image
from gee_sm.emulator.values.kernel import Kernel

# Each reaches a kernel further. The service computes as many as its time and memory allow.
MOST_ITERATIONS = 1000


def _focal(names: tuple[str, ...], reducer_name: str) -> None:
    def operator(
        image: Image,
        radius: float,
        kernelType: str,
        units: str,
        iterations: int,
        kernel: Kernel | None,
    ) -> Image:
        from gee_sm.emulator.registry import implementations

        constructor = implementations()[f"Reducer.{reducer_name}"].function
        if reducer_name in ("median", "mode"):
            reducer = constructor(None, None, None)
        elif reducer_name in ("min", "max"):
            reducer = constructor(1)
        else:
            reducer = constructor()
        if iterations > MOST_ITERATIONS:
            raise EarthEngineError(
                f"Got {iterations} iterations; the emulator has at most {MOST_ITERATIONS}."
            )
        window = kernel or _named_kernel(kernelType, radius, units)
        for _ in range(iterations):
            reduced = reduce_neighborhood(image, reducer, window, "kernel", True, None)
            image = reduced.with_bands(
                replace(band, name=source.name)
                for band, source in zip(reduced.bands, image.bands, strict=True)
            )
        return image

    for name in names:
        implements(f"Image.{name}")(operator)


def _named_kernel(name: str, radius: float, units: str) -> Kernel:
    shapes = {
        "circle": kernels.circle,
        "square": kernels.square,
        "cross": kernels.cross,
        "plus": kernels.plus,
        "octagon": kernels.octagon,
        "diamond": kernels.diamond,
    }
    if name not in shapes:
        raise EarthEngineError(f"Unknown kernel type '{name}': must be one of {sorted(shapes)}.")
    return shapes[name](radius, units, False, 1.0)


_focal(("focalMin", "focal_min"), "min")
_focal(("focalMax", "focal_max"), "max")
_focal(("focalMedian", "focal_median"), "median")
_focal(("focalMode", "focal_mode"), "mode")
_focal(("focalMean", "focal_mean"), "mean")
