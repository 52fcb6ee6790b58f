from __future__ import annotations

import dataclasses
import json

import pytest

from gee_sm.retrieval.recipes import LI2025, RECIPES, ROBUST, Recipe, RecipeError, named_recipe


def test_the_two_recipes_differ_in_what_the_document_says():
    differing = {
        field.name
        for field in dataclasses.fields(Recipe)
        if getattr(LI2025, field.name) != getattr(ROBUST, field.name)
    }
    assert differing == {
        "name",
        "threshold",
        "slope_model",
        "layover_buffer_m",
        "pin_scale_m",
        "difference",
        "optical_fallback_days",
        "excluded_classes",
    }


def test_li2025_holds_the_numbers_of_the_paper():
    assert (LI2025.lower_db, LI2025.upper_db) == (-20, -5)
    assert (LI2025.angle_slope("A"), LI2025.angle_slope("D")) == (0.16, 0.10)
    assert LI2025.reference_angle == 38
    assert LI2025.optical_window_days == 7
    assert (LI2025.thaw_months, LI2025.freeze_months) == ((7, 8), (1, 2))
    assert set(LI2025.excluded_classes) == {10, 40, 50}
    assert LI2025.mask_negative_difference


def test_by_name():
    assert named_recipe("li2025") is LI2025
    assert named_recipe(ROBUST) is ROBUST
    with pytest.raises(RecipeError, match="li2025, robust"):
        named_recipe("best")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_recipe_survives_json(recipe):
    again = Recipe(**json.loads(json.dumps(recipe.to_dict())))
    assert again == recipe
    assert hash(again) == hash(recipe)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": "sometimes"}, "before_filter, after_filter, none"),
        ({"difference": "both"}, "per_orbit, all_orbits"),
        ({"cloud_mask": "qa60"}, "cloud_score_plus, scl, none"),
        ({"slope_model": "direct"}, "volume, surface, none"),
        ({"lower_db": -5, "upper_db": -20}, "must be below"),
        ({"min_valid_fraction": 0}, "min_valid_fraction"),
        ({"clear_score": 60}, "clear_score"),
        ({"pin_scale_m": -10}, "pin_scale_m must be positive"),
        ({"layover_buffer_m": -1}, "layover_buffer_m"),
        ({"optical_fallback_days": 3}, "at least as far"),
        ({"excluded_classes": (60,)}, "classes \\[60\\]"),
        ({"error_parts": ("luck",)}, "coefficients, residual, speckle"),
        ({"thaw_months": (7, 9)}, "consecutive months"),
        ({"elevation_id": "USGS/SRTM"}, "did you mean USGS/SRTMGL1_003"),
    ],
)
def test_contradictions_are_refused_with_the_recipe_named(change, message):
    with pytest.raises(RecipeError, match=message) as error:
        dataclasses.replace(ROBUST, name="mine", **change)
    assert "'mine'" in str(error.value)
