"""What the emulator assumes of Earth Engine, as data, and how to ask a real service about it.

The page ``emulator-semantics.md`` of the documentation is made from it.
"""

from __future__ import annotations

from gee_sm.emulator.assumptions.algorithms import ALGORITHMS
from gee_sm.emulator.assumptions.arrays import ARRAYS
from gee_sm.emulator.assumptions.assumption import Assumption, Section
from gee_sm.emulator.assumptions.collections import COLLECTIONS
from gee_sm.emulator.assumptions.confusion_matrices import CONFUSION_MATRICES
from gee_sm.emulator.assumptions.dates import DATES
from gee_sm.emulator.assumptions.dictionaries import DICTIONARIES
from gee_sm.emulator.assumptions.elements import ELEMENTS
from gee_sm.emulator.assumptions.filters import FILTERS
from gee_sm.emulator.assumptions.geometries import GEOMETRIES
from gee_sm.emulator.assumptions.images import IMAGES
from gee_sm.emulator.assumptions.joins import JOINS
from gee_sm.emulator.assumptions.lists import LISTS
from gee_sm.emulator.assumptions.numbers import NUMBERS
from gee_sm.emulator.assumptions.painting import PAINTING
from gee_sm.emulator.assumptions.pixel_files import PIXEL_FILES
from gee_sm.emulator.assumptions.projections import PROJECTIONS
from gee_sm.emulator.assumptions.reducers import REDUCERS
from gee_sm.emulator.assumptions.strings import STRINGS
from gee_sm.emulator.assumptions.texture import TEXTURE
from gee_sm.emulator.assumptions.transforms import TRANSFORMS

__all__ = ["SECTIONS", "Assumption", "Section"]

SECTIONS = (
    NUMBERS,
    STRINGS,
    LISTS,
    DICTIONARIES,
    DATES,
    ELEMENTS,
    COLLECTIONS,
    FILTERS,
    JOINS,
    GEOMETRIES,
    ARRAYS,
    CONFUSION_MATRICES,
    PROJECTIONS,
    TRANSFORMS,
    REDUCERS,
    IMAGES,
    PAINTING,
    PIXEL_FILES,
    TEXTURE,
    ALGORITHMS,
)
