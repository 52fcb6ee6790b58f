"""What the public reference prints, as data, beside which the emulator's answers are put.

``gee-sm emulator coverage`` counts it, and the page ``emulator-coverage.md`` of the documentation
lists where they disagree.
"""

from __future__ import annotations

from gee_sm.emulator.documented.array_truths import ARRAY_TRUTHS
from gee_sm.emulator.documented.arrays import ARRAYS
from gee_sm.emulator.documented.collections import COLLECTED
from gee_sm.emulator.documented.dates import DATE_RANGES, DATES
from gee_sm.emulator.documented.dictionaries import DICTIONARIES
from gee_sm.emulator.documented.geometries import GEOMETRIES
from gee_sm.emulator.documented.image_arrays import IMAGE_ARRAYS
from gee_sm.emulator.documented.images import IMAGES
from gee_sm.emulator.documented.kernels import KERNELS
from gee_sm.emulator.documented.lists import LISTS
from gee_sm.emulator.documented.number_functions import NUMBER_FUNCTIONS
from gee_sm.emulator.documented.numbers import NUMBERS
from gee_sm.emulator.documented.output import DocumentedOutput
from gee_sm.emulator.documented.reducers import REDUCERS
from gee_sm.emulator.documented.strings import STRINGS
from gee_sm.emulator.documented.types import TYPES

__all__ = ["OUTPUTS", "DocumentedOutput"]

OUTPUTS: tuple[DocumentedOutput, ...] = (
    *NUMBERS,
    *NUMBER_FUNCTIONS,
    *STRINGS,
    *LISTS,
    *DICTIONARIES,
    *DATES,
    *DATE_RANGES,
    *ARRAYS,
    *ARRAY_TRUTHS,
    *TYPES,
    *GEOMETRIES,
    *COLLECTED,
    *REDUCERS,
    *KERNELS,
    *IMAGES,
    *IMAGE_ARRAYS,
)
