"""Random subsets have the right size and are uniform."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from local_core.calibration import random_subsets


@given(st.data(), st.integers(1, 200), st.integers(1, 50), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_every_subset_has_the_asked_size(data, n, n_subsets, seed):
    size = data.draw(st.integers(0, n))
    members = np.concatenate(list(random_subsets(n, size, n_subsets, seed=seed)))
    assert members.shape == (n_subsets, n)
    assert set(np.unique(members)) <= {0, 1}
    assert (members.sum(axis=1) == size).all()


@pytest.mark.parametrize(("n", "size"), [(6, 1), (6, 2), (7, 3), (6, 5)])
def test_all_subsets_are_equally_likely(n, size):
    members = np.concatenate(list(random_subsets(n, size, 42_000, seed=11)))
    code = members.astype(int) @ 2 ** np.arange(n)
    possible = [sum(2**i for i in chosen) for chosen in combinations(range(n), size)]
    counts = np.array([(code == c).sum() for c in possible])
    assert counts.sum() == 42_000
    assert stats.chisquare(counts).pvalue > 1e-3


def test_inclusion_and_pair_frequencies_of_the_papers_split():
    members = np.concatenate(list(random_subsets(2105, 421, 10_000, seed=0)))
    inclusion = members.mean(axis=0)
    expected = 421 / 2105
    z = (inclusion - expected) / np.sqrt(expected * (1 - expected) / 10_000)
    # Sum is fixed, so the z are barely dependent: their variance tests all samples at once.
    assert stats.kstest(z, "norm").pvalue > 1e-3
    pairs = (members[:, :400] & members[:, 1000:1400]).mean(axis=0)
    together = 421 * 420 / (2105 * 2104)
    z = (pairs - together) / np.sqrt(together * (1 - together) / 10_000)
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_seed_decides_and_pieces_are_bounded():
    first = np.concatenate(list(random_subsets(1000, 200, 5000, seed=1)))
    again = np.concatenate(list(random_subsets(1000, 200, 5000, seed=1)))
    other = np.concatenate(list(random_subsets(1000, 200, 5000, seed=2)))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert max(m.nbytes for m in random_subsets(1000, 200, 5000)) <= 1_000_000


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="between 0 and 5"):
        next(random_subsets(5, 6, 1))
