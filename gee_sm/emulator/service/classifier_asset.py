"""A trained classifier in the store of assets: how it was made, and what it was taught."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.graph import apply
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.expression import evaluate
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.values.classifier import Classifier

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["export_classifier", "read_classifier"]

_DESCRIPTION, _LESSONS = "classifier.json", "lessons.npz"


def export_classifier(
    emulator: Emulator, document: dict[str, Any], destination: AssetDestination, task: Task
) -> list[str]:
    """Make a trained classifier an asset that can be loaded again; return its URI.

    Raises
    ------
    EarthEngineError
        If it is no classifier or untrained, or the id is taken.
    """
    store = emulator.catalog.made
    store.check_destination(destination.asset_id, "CLASSIFIER", overwrite=destination.overwrite)
    classifier = evaluate(emulator, document.get("expression"))
    if not isinstance(classifier, Classifier):
        kind = getattr(classifier, "type_name", type(classifier).__name__)
        raise EarthEngineError(f"Expected a classifier, got a value of type {kind}.")
    _ = classifier.learner  # refuses what is untrained, or cannot be trained
    task.advance(0.5)
    with store.staging() as staged:
        description = {
            "classifier": classifier.name,
            "parameters": classifier.parameters,
            "mode": classifier.mode,
            "schema": classifier.schema,
        }
        (staged / _DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")
        np.savez_compressed(staged / _LESSONS, x=classifier.x, y=classifier.y)
        store.store(
            destination.asset_id,
            "CLASSIFIER",
            staged,
            {},
            {},
            overwrite=destination.overwrite,
            made_by=task.name,
        )
    return [destination.uri]


def read_classifier(folder: Path) -> Classifier:
    """Return the classifier whose files lie in a folder; it learns again what it had learned."""
    description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    constructor = implementations()[f"Classifier.{description['classifier']}"]
    given = {name: v for name, v in description["parameters"].items() if v is not None}
    untrained: Classifier = apply(constructor, given, None)
    with np.load(folder / _LESSONS, allow_pickle=False) as lessons:
        x, y = lessons["x"], lessons["y"]
    return untrained.in_mode(description["mode"]).trained(x, y, description["schema"])
