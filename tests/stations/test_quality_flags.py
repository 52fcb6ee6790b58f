"""Flag policies on the old and the new ISMN flag set."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.stations.quality_flags import (
    accepted_flags,
    frozen_by_flag,
    good_values,
    uses_good_flag,
)

FLAGS = np.array(["G", "U", "M", "C03", "D01", "D01,D03", "D02,D04", "G,D04", ""])


@pytest.mark.parametrize(
    ("policy", "unflagged", "accepted"),
    [
        ("good", False, [True, False, False, False, False, False, False, False, True]),
        ("good", True, [True, True, False, False, False, False, False, False, True]),
        ("good+frozen", False, [True, False, False, False, True, True, False, False, True]),
        ("G,D04", False, [True, False, False, False, False, False, False, True, True]),
        ("all", False, [True, True, False, True, True, True, True, True, True]),
    ],
)
def test_policies(policy, unflagged, accepted):
    verdict = good_values(FLAGS, policy=policy, unflagged_is_good=unflagged)
    assert verdict.tolist() == accepted


@pytest.mark.parametrize("policy", ["", "best?", " , "])
def test_unknown_policy_names_the_known_ones(policy):
    with pytest.raises(ValueError, match=r"good, good\+frozen, all"):
        accepted_flags(policy)


def test_frost_flags_are_about_the_soil_not_the_air():
    assert frozen_by_flag(FLAGS).tolist() == [False] * 4 + [True, True] + [False] * 3


def test_one_g_marks_the_new_flag_set():
    assert uses_good_flag([["U", "D01"], ["M", "G"]])
    assert not uses_good_flag([["U", "D01"], ["M"]])
