"""The EVI rule on the paper's Table I."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.stations import reclassify_by_evi

# Table I of Chang et al. (2022): site, mapped vegetation type, growing-season EVI.
TABLE_1 = [
    ("QT03", "alpine meadow", 0.28),
    ("QT01", "alpine meadow", 0.24),
    ("QT08", "alpine meadow", 0.10),
    ("QT04", "alpine steppe", 0.16),
    ("QT05", "alpine steppe", 0.13),
    ("Ch06", "alpine steppe", 0.10),
    ("ZNH", "alpine steppe", 0.09),
    ("TSH", "alpine desert", 0.06),
    ("AYK", "alpine desert", 0.05),
    ("D110", "alpine meadow", 0.19),
    ("D105", "alpine meadow", 0.18),
    ("D66", "alpine desert", 0.07),
]


@pytest.mark.parametrize("seed", range(5))
def test_the_paper_s_one_reclassification_and_no_other(seed):
    order = np.random.default_rng(seed).permutation(len(TABLE_1))
    site, kind, evi = zip(*(TABLE_1[i] for i in order))
    table = reclassify_by_evi(kind, evi, site=site).set_index("site")
    moved = table[table["reclassified"]]
    assert moved.index.tolist() == ["QT08"]
    assert moved.loc["QT08", "vegetation_type"] == "alpine steppe"
    assert "0.10 against 0.22" in moved.loc["QT08", "note"]


def test_unknown_type_or_evi_stays():
    table = reclassify_by_evi(
        ["meadow", "meadow", "meadow", "", "meadow", "steppe", "steppe"],
        [0.25, 0.24, 0.26, 0.1, np.nan, 0.09, 0.15],
    )
    assert not table["reclassified"].any()


def test_too_few_neighbours_decide_nothing():
    table = reclassify_by_evi(["meadow", "meadow", "steppe", "steppe"], [0.1, 0.25, 0.08, 0.12])
    assert not table["reclassified"].any()


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 vegetation types, 1 EVI"):
        reclassify_by_evi(["a", "b"], [0.1])
