"""What the emulator assumes of confusion matrices."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

CONFUSION_MATRICES = Section(
    "Confusion matrices",
    "",
    (
        Assumption(
            "ConfusionMatrix.producersAccuracy",
            "A class that never occurs has accuracy 0, as a column of the matrix's height.",
            "ee.ConfusionMatrix(ee.Array([[0, 0], [0, 3]])).producersAccuracy()",
            "[[0.0], [1.0]]",
        ),
        Assumption(
            "ConfusionMatrix.kappa",
            "Where chance alone explains everything kappa is 0.",
            "ee.ConfusionMatrix(ee.Array([[0, 0], [0, 3]])).kappa()",
            "0.0",
        ),
    ),
)
