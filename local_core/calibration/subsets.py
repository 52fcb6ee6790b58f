"""Uniform random subsets of a fixed size, many at once, as bits.

Drawing 10,000 permutations of 2,000 samples costs more than everything done with them. A subset is
drawn in two steps instead: every sample joins by an independent coin of slightly too low a
probability, made from a few random machine words, then random samples join or leave until the size
is right. A coin-made set is uniform among the sets of its own size, and adding a uniformly chosen
outsider (or removing a member) keeps it uniform: the result is exact, not approximate.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

#: Random bits per coin: probabilities are multiples of 1/16.
_COIN_BITS = 4

#: Bytes of random words drawn at a time.
_BATCH_BYTES = 16_000_000


def random_subsets(
    n: int, size: int, n_subsets: int, *, seed: int = 0
) -> Iterator[NDArray[np.uint8]]:
    """Yield random subsets of ``range(n)``, each with exactly ``size`` members.

    Parameters
    ----------
    n : int
        Number of things to choose from.
    size : int
        Members of each subset, between 0 and n.
    n_subsets : int
        How many subsets.
    seed : int
        Seed; the same arguments give the same subsets.

    Yields
    ------
    ndarray of uint8, shape (m, n)
        Zeros and ones, row sums equal to ``size``; the m of all pieces add up to ``n_subsets``.

    Raises
    ------
    ValueError
        If ``size`` is not between 0 and n.

    Examples
    --------
    >>> subsets = np.concatenate(list(random_subsets(10, 2, 1000)))
    >>> subsets.shape, set(subsets.sum(axis=1).tolist())
    ((1000, 10), {2})
    """
    if not 0 <= size <= n:
        raise ValueError(f"a subset of {n} things has between 0 and {n} members, got {size}")
    # Outsiders are found faster than members when the set is the smaller half.
    complement = size > n // 2
    drawn = n - size if complement else size
    n_words = -(-n // 64)
    batch = max(1, _BATCH_BYTES // (8 * _COIN_BITS * n_words))
    piece = max(1, 1_000_000 // max(n, 1))
    rng = np.random.Generator(np.random.SFC64([seed, n, size]))
    for start in range(0, n_subsets, batch):
        bits = _subset_bits(rng, n, drawn, min(batch, n_subsets - start))
        for first in range(0, bits.shape[0], piece):
            rows = bits[first : first + piece]
            members = np.unpackbits(rows, axis=1, count=n, bitorder="little")
            yield 1 - members if complement else members


def _subset_bits(rng: np.random.Generator, n: int, size: int, n_subsets: int) -> NDArray[np.uint8]:
    """Subsets as packed bits, shape (n_subsets, bytes), least significant bit first."""
    n_words = -(-n // 64)
    bits = _coins(rng, size * 2**_COIN_BITS // n if n else 0, (n_subsets, n_words)).view(np.uint8)
    members = np.unpackbits(bits, axis=1, count=n, bitorder="little")
    excess = members.sum(axis=1, dtype=np.int64) - size
    flat, row_bytes = bits.reshape(-1), bits.shape[1]
    unfinished = np.flatnonzero(excess)
    while unfinished.size:
        sample = rng.integers(0, n, unfinished.size)
        place = unfinished * row_bytes + (sample >> 3)
        mask = np.left_shift(1, sample & 7).astype(np.uint8)
        is_member = (flat[place] & mask) != 0
        # One candidate per subset and round: an outsider joins what is too small, a member leaves
        # what is too large, anything else is drawn again.
        useful = is_member == (excess[unfinished] > 0)
        changed = unfinished[useful]
        flat[place[useful]] ^= mask[useful]
        excess[changed] -= np.sign(excess[changed])
        unfinished = unfinished[excess[unfinished] != 0]
    return bits


def _coins(rng: np.random.Generator, numerator: int, shape: tuple[int, int]) -> NDArray[np.uint64]:
    """Words whose bits are independently one with probability ``numerator / 16``.

    With p = 0.b1b2b3b4 in binary, start from 0 and, from the last digit on, OR with a fair word for
    a one (p -> (1 + p) / 2) and AND for a zero (p -> p / 2).
    """
    coins = np.zeros(shape, dtype=np.uint64)
    fair = rng.bit_generator.random_raw(_COIN_BITS * shape[0] * shape[1])
    for digit, word in enumerate(fair.reshape(_COIN_BITS, *shape)):
        if numerator >> digit & 1:
            coins |= word
        else:
            coins &= word
    return coins
