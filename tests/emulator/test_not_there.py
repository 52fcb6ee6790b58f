"""What is missing says why, where it stands, and what to use instead."""

from __future__ import annotations

import ee
import pytest

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.graph import Evaluator
from gee_sm.emulator.not_there import NOT_THERE
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.signatures import signatures


def test_reasons_are_given_for_missing_functions_alone():
    names = [name for group in NOT_THERE for name in group.names]
    assert len(set(names)) == len(names)
    assert set(names) <= set(signatures())
    assert not set(names) & set(implementations())


def test_what_is_named_instead_is_there():
    known = {name.rpartition(".")[2] for name in implementations()}
    for group in NOT_THERE:
        for word in group.instead.replace(",", " ").replace("(", " ").replace(")", " ").split():
            if "." in word and word.split(".")[0] in ("Image", "Clusterer", "Classifier", "ee"):
                assert word.rpartition(".")[2] in known | {"FeatureCollection", "Geometry"}, word


def test_every_public_function_is_there_or_has_a_reason():
    """Functions of the client's classes; the service's inner ones are reached by nobody."""
    excused = {name for group in NOT_THERE for name in group.names}
    missing = set(signatures()) - set(implementations()) - excused
    public = {
        name
        for name in missing
        if hasattr(ee, name.split(".")[0]) and not name.endswith("Container")
    }
    assert public == set(), sorted(public)


def test_the_error_says_where_and_what_instead(earth_engine):
    image = ee.Algorithms.HoughTransform(ee.Image(1)).add(1)
    with pytest.raises(ee.EEException) as error:
        image.bandNames().getInfo()
    text = str(error.value)
    assert text.startswith(
        "HoughTransform is not implemented by the emulator, called by Image.add < Image.bandNames."
    )
    assert "Its steps of angle and distance and its smoothing are not public; use " in text


def test_of_a_class_that_is_not_there_no_function_is_named():
    expression = {"result": "0", "values": {"0": {"functionInvocationValue": {
        "functionName": "Weather.rain", "arguments": {}}}}}  # fmt: skip
    with pytest.raises(EarthEngineError) as error:
        Evaluator(expression, None).evaluate()
    assert error.value.message == (
        "Weather.rain does not exist. The emulator has no function of Weather; `gee-sm emulator "
        "coverage` lists those it has."
    )


def test_printing_a_profile_says_that_there_is_none(earth_engine):
    words = "measures the time and memory of Google's machines"
    with pytest.raises(ee.EEException, match=words), ee.profilePrinting():
        assert ee.Number(1).add(1).getInfo() == 2
