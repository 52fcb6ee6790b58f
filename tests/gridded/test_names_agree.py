"""Files and Earth Engine speak of the same things by the same names."""

from __future__ import annotations

import pytest

from gee_sm.catalog import PRODUCTS as IN_EARTH_ENGINE
from gee_sm.catalog.quality import QUALITIES
from local_core.gridded import PRODUCTS as IN_FILES
from local_core.gridded.quality import QUALITIES as FILE_QUALITIES

USER_SUPPLIED = [name for name, entry in IN_EARTH_ENGINE.items() if entry.user_supplied]


def test_every_product_that_earth_engine_lacks_can_be_read_from_files():
    assert USER_SUPPLIED
    assert set(USER_SUPPLIED) <= set(IN_FILES)


@pytest.mark.parametrize("name", IN_FILES)
def test_names_units_and_kinds_are_those_of_the_catalog(name):
    catalog, files = IN_EARTH_ENGINE[name], IN_FILES[name]
    there = {variable.name: variable for variable in catalog.variables}
    assert set(files.names) == set(there)
    for variable in files.variables:
        assert variable.unit == there[variable.name].unit, variable.name
        assert variable.kind == there[variable.name].kind, variable.name
    assert files.period_days == catalog.period_days


def test_quality_is_asked_for_in_the_same_words():
    assert FILE_QUALITIES == QUALITIES
