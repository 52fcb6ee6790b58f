"""Images made from features."""

from __future__ import annotations

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.coverage import coverage
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE
from gee_sm.emulator.values.reducer import Reducer, settled

_STACK_CELLS = 4_000_000


@implements("Collection.reduceToImage")
def reduce_to_image(collection: Collection, properties: list[str], reducer: Reducer) -> Image:
    """Reduce properties of the features that meet each pixel; bands are named by the outputs."""
    if len(properties) != reducer.inputs:
        raise EarthEngineError(
            f"Need {reducer.inputs} properties for the reducer, got {len(properties)}."
        )
    results = [rule(DOUBLE) for rule in reducer.types]

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        met, values = [], []
        for feature in collection:
            row = [feature.properties.get(name) for name in properties]
            geometry = feature.geometry
            if not isinstance(geometry, Geometry):
                continue
            if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in row):
                continue
            inside = coverage(geometry.in_crs(grid.lattice.crs), grid) > 0
            if inside.any():
                met.append(inside)
                values.append(row)
        if not met:
            return tuple(empty(result.dtype) for result in results)
        table = np.array(values, np.float64)
        size = max(1, _STACK_CELLS // (len(met) * grid.width))
        strips = []
        for start in range(0, grid.height, size):
            weights = np.stack([part[start : start + size] for part in met]).astype(np.float64)
            inputs = [
                np.broadcast_to(table[:, i, None, None], weights.shape)
                for i in range(len(properties))
            ]
            strips.append(reducer.over_arrays(inputs, weights))
        found = []
        for index, result in enumerate(results):
            parts = [settled(strip[index][0], strip[index][1], result.dtype) for strip in strips]
            valid = np.concatenate([np.asarray(strip[index][1]) for strip in strips])
            found.append(Tile(np.concatenate(parts), valid))
        return tuple(found)

    shared = Shared(function, ())
    return Image(
        tuple(
            Band(name, result, DEFAULT, Pick(shared, index))
            for index, (name, result) in enumerate(zip(reducer.outputs, results, strict=True))
        )
    )
