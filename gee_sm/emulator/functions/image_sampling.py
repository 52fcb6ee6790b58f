"""Random samples of pixels, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_region import sampled, table, working_projection
from gee_sm.emulator.pixels.grid import Projection
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Image


@implements("Image.stratifiedSample")
def stratified_sample(
    image: Image,
    numPoints: int,
    classBand: str | None,
    region: Geometry | None,
    scale: float | None,
    projection: Projection | None,
    seed: int,
    classValues: list[int] | None,
    classPoints: list[int] | None,
    dropNulls: bool,
    tileScale: float,
    geometries: bool,
    context: Any,
) -> Collection:
    """Return a number of random pixels of each class, or all where a class has fewer."""
    region = region or image.footprint
    if region is None:
        raise EarthEngineError("'region' is required for an unbounded image.")
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    if len(classValues or ()) != len(classPoints or ()):
        raise EarthEngineError(
            f"Got {len(classValues or ())} classValues and {len(classPoints or ())} classPoints; "
            "their numbers must be the same."
        )
    band = image.first_band if classBand is None else image.band(classBand)
    if band.type.precision != "int" or band.type.dimensions:
        raise EarthEngineError("The class band must be integer typed.")
    position = image.names.index(band.name)
    target = working_projection(image, projection, None, scale, "Image.stratifiedSample")
    wanted = dict(zip(classValues or (), classPoints or (), strict=True))
    members: dict[int, list[int]] = {}
    rows = []
    for row in sampled(image, region, target, context):
        value = row[0][position]
        if value is None or (dropNulls and any(item is None for item in row[0])):
            continue
        members.setdefault(value, []).append(len(rows))
        rows.append(row)
    chosen: list[int] = []
    for value in sorted(members):
        # Each class draws for itself: asking for more of one changes nothing in another.
        rng = np.random.default_rng([seed & (2**63 - 1), value & (2**63 - 1)])
        count = int(wanted.get(value, numPoints))
        order = rng.permutation(len(members[value]))[: max(0, count)]
        chosen.extend(members[value][i] for i in sorted(order))
    return table(image.bands, [rows[i] for i in chosen], target.crs, False, geometries)
