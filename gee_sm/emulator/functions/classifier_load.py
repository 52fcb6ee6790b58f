"""Classifier.load: a classifier that was exported to an asset."""

from __future__ import annotations

from typing import Any

from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.classifier import Classifier


@implements("Classifier.load")
def load(id: str, context: Any) -> Classifier:
    """Load a stored classifier."""
    return context.catalog.classifier(id)
