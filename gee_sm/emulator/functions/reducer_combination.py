"""Reducers made of other reducers: renamed, combined, repeated, grouped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.reducer import (
    Arrays,
    Reducer,
    Result,
    as_input,
    check_number_of_inputs,
)


@implements("Reducer.unweighted")
def unweighted(reducer: Reducer) -> Reducer:
    """Count every input fully."""
    if reducer.reduce_objects is not None:
        inner = reducer.reduce_objects
        return replace(
            reducer,
            weighted=False,
            kind=None,
            reduce_objects=lambda columns, weights: inner(
                columns, [1.0 if w > 0 else 0.0 for w in weights]
            ),
        )
    return replace(reducer, weighted=False, kind=None)


@implements("Reducer.splitWeights")
def split_weights(reducer: Reducer) -> Reducer:
    """Take each second input as the weight of the one before it."""

    def function(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        return reducer.over_arrays(inputs[:-1], np.where(weights > 0, inputs[-1], 0.0))

    return replace(
        reducer,
        inputs=reducer.inputs + 1,
        reduce_arrays=function,
        weighted=False,
        repeats=False,
        kind=None,
    )


@implements("Reducer.setOutputs")
def set_outputs(reducer: Reducer, outputs: list[str]) -> Reducer:
    """Rename the outputs."""
    if len(outputs) != len(reducer.outputs):
        raise EarthEngineError(f"Got {len(outputs)} names for the outputs {list(reducer.outputs)}.")
    return reducer.named(outputs)


@implements("Reducer.getOutputs")
def get_outputs(reducer: Reducer) -> list[str]:
    """Return the names of the outputs."""
    return list(reducer.outputs)


@implements("Reducer.combine")
def combine(reducer1: Reducer, reducer2: Reducer, outputPrefix: str, sharedInputs: bool) -> Reducer:
    """Run two reducers side by side, on the same inputs or on inputs of their own."""
    if sharedInputs:
        if reducer1.inputs != reducer2.inputs and reducer1.inputs % reducer2.inputs:
            raise EarthEngineError(
                "Reducers that share inputs must have the same number of them: got "
                f"{reducer1.inputs} and {reducer2.inputs}."
            )
        count = max(reducer1.inputs, reducer2.inputs)
    else:
        count = reducer1.inputs + reducer2.inputs

    def split(items: Any) -> tuple[Any, Any]:
        if sharedInputs:
            return items[: reducer1.inputs], items[: reducer2.inputs]
        return items[: reducer1.inputs], items[reducer1.inputs :]

    def arrays(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        first, second = split(inputs)
        return [*reducer1.over_arrays(first, weights), *reducer2.over_arrays(second, weights)]

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        first, second = split(columns)
        return [
            *reducer1.apply_columns(first, weights).values(),
            *reducer2.apply_columns(second, weights).values(),
        ]

    outputs = [*reducer1.outputs]
    for name in reducer2.outputs:
        candidate = f"{outputPrefix}{name}"
        number = 1
        while candidate in outputs:
            candidate = f"{outputPrefix}{name}_{number}"
            number += 1
        outputs.append(candidate)
    on_arrays = reducer1.reduce_arrays is not None and reducer2.reduce_arrays is not None
    needs_objects = reducer1.reduce_objects is not None or reducer2.reduce_objects is not None
    return Reducer(
        count,
        tuple(outputs),
        reducer1.types + reducer2.types,
        arrays if on_arrays else None,
        objects if needs_objects or not on_arrays else None,
        weighted=True,
        repeats=count == 1,
        takes_arrays=reducer1.takes_arrays or reducer2.takes_arrays,
    )


@implements("Reducer.repeat")
def repeat(reducer: Reducer, count: int) -> Reducer:
    """Run a reducer once for each group of inputs; outputs become lists."""
    check_number_of_inputs(count)

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        parts = [
            list(
                reducer.apply_columns(
                    columns[i * reducer.inputs : (i + 1) * reducer.inputs], weights
                ).values()
            )
            for i in range(count)
        ]
        return [list(values) for values in zip(*parts, strict=True)]

    return Reducer(
        reducer.inputs * count,
        reducer.outputs,
        reducer.types,
        None,
        objects,
        weighted=True,
        repeats=False,
    )


def for_each(reducer: Reducer, outputNames: list[str]) -> Reducer:
    """Run a single-input reducer on each of several inputs, one named output each."""
    if len(reducer.outputs) != 1 or reducer.inputs != 1:
        raise EarthEngineError("forEach needs a reducer with one input and one output.")

    def arrays(inputs: Arrays, weights: np.ndarray) -> list[Result]:
        return [reducer.over_arrays([array], weights)[0] for array in inputs]

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        return [next(iter(reducer.apply_columns([c], weights).values())) for c in columns]

    return Reducer(
        len(outputNames),
        tuple(outputNames),
        reducer.types * len(outputNames),
        arrays if reducer.reduce_arrays is not None else None,
        objects,
        weighted=True,
        repeats=False,
        takes_arrays=reducer.takes_arrays,
    )


implements("Reducer.forEach")(for_each)


@implements("Reducer.forEachBand")
def for_each_band(reducer: Reducer, image: Any) -> Reducer:
    """Run a single-input reducer on each band of an image, outputs named like the bands."""
    return for_each(reducer, image.names)


@implements("Reducer.group")
def group(reducer: Reducer, groupField: int, groupName: str) -> Reducer:
    """Run a reducer apart for each value of one input."""
    if not 0 <= groupField <= reducer.inputs:
        raise EarthEngineError(
            f"The group field must be one of the {reducer.inputs + 1} inputs, counted from 0, "
            f"got {groupField}."
        )

    def objects(columns: list[list[Any]], weights: list[float]) -> list[Any]:
        keys = columns[groupField]
        others = [column for i, column in enumerate(columns) if i != groupField]
        members: dict[Any, list[int]] = {}
        for position, key in enumerate(keys):
            if key is not None and weights[position] > 0:
                members.setdefault(key, []).append(position)
        found = []
        for key in sorted(members):
            rows = members[key]
            part = reducer.apply_columns(
                [[column[i] for i in rows] for column in others], [weights[i] for i in rows]
            )
            found.append({groupName: key, **part})
        return [found]

    return Reducer(
        reducer.inputs + 1,
        ("groups",),
        (as_input,),
        None,
        objects,
        weighted=True,
        repeats=False,
    )
