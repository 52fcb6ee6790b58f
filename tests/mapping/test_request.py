"""Requests: defaults, files, flags, and what is refused."""

from __future__ import annotations

import json

import pytest

import gee_sm
from gee_sm.mapping.request import (
    MapRequest,
    RequestError,
    catalog_defaults,
    make_request,
    read_config,
)

REGION = (92.0, 32.5, 92.1, 32.6)


def _request(**options):
    return MapRequest(**{"region": REGION, "years": (2020,), "out": "out", **options})


def test_later_layers_go_before_earlier_ones(tmp_path):
    defaults = {"region": REGION, "years": (2020,)}
    config = {"years": (2019,), "recipe": "li2025", "out": tmp_path}
    found = make_request(defaults, config, {"recipe": "robust", "scale": None})
    assert (found.region, found.years, found.recipe) == (REGION, (2019,), "robust")
    assert found.scale == 100


def test_a_catalog_names_its_own_region_and_years(tmp_path):
    document = {"gee_sm:region": list(REGION), "gee_sm:years": [2020, 2021]}
    (tmp_path / "catalog.json").write_text(json.dumps(document))
    assert catalog_defaults(tmp_path) == {"region": REGION, "years": (2020, 2021)}


def test_a_folder_without_a_catalog_says_how_to_get_one(tmp_path):
    with pytest.raises(RequestError, match="gee-sm sample"):
        catalog_defaults(tmp_path)


def test_options_from_a_file_are_relative_to_it(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('[map]\nregion = [92.0, 32.5, 92.1, 32.6]\nyears = 2020\nout = "maps"\n')
    assert read_config(path) == {"region": REGION, "years": (2020,), "out": tmp_path / "maps"}


def test_an_unknown_option_is_named_with_its_neighbour(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("recipee = 'robust'\n")
    with pytest.raises(RequestError, match="no option 'recipee'; did you mean 'recipe'"):
        read_config(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": (92.1, 32.5, 92.0, 32.6)}, r"inverted.*did you mean \(92.0, 32.5, 92.1, 32.6"),
        ({"region": (92.0, 32.5, 92.0, 32.6)}, "inverted or empty"),
        ({"region": (92.0, 32.5, 292.0, 32.6)}, "leaves longitude"),
        ({"region": (92.0, 32.5)}, "four numbers"),
        ({"orbit": "ascending"}, "orbit must be one of"),
        ({"period": "monht"}, "did you mean 'month'"),
        ({"recipe": "robist"}, "choose one of li2025, robust"),
        ({"scale": 5}, "10 to 1000"),
        ({"years": (2013,)}, "October 2014"),
        ({"years": ()}, "--years"),
        ({"to": "gcs"}, "needs --destination, the bucket"),
    ],
)
def test_what_cannot_be_met_is_refused_with_a_cure(options, message):
    with pytest.raises(RequestError, match=message):
        _request(**options)


def test_what_is_missing_is_named_as_flags():
    with pytest.raises(RequestError, match="--region, --years must be given"):
        make_request({"out": "x"})


def test_coefficients_of_the_other_pass_are_refused(tmp_path):
    from local_core.calibration import published_coefficients

    path = published_coefficients("descending").write(tmp_path / "c.toml")
    assert _request(coefficients=path).retrieval_coefficients("D").a == pytest.approx(0.0154)
    with pytest.raises(RequestError, match="descending pass; the map is of pass A"):
        _request(coefficients=path).retrieval_coefficients("A")


def test_google_and_the_emulator_at_once_are_refused(tmp_path):
    with pytest.raises(RequestError, match="give one of the two"):
        gee_sm.map(emulator=tmp_path, project="some-project", out=tmp_path / "maps")
