"""Status codes: what became of the estimate of one product at one place.

A pixel or a station where the method fails is a value of this layer, never an exception, so that
one bad pixel does not stop a map.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["STATUS_NAME", "CollocationStatus"]


class CollocationStatus(IntEnum):
    """Why an estimate can or cannot be used; the most fundamental failure wins.

    ``NEGATIVE_VARIANCE`` is also the case R² > 1: with ``fmse = error variance / variance`` and
    ``R² = 1 - fmse`` the two are one condition, so they share one code.
    """

    OK = 0
    TOO_FEW_SAMPLES = 1
    NOT_SIGNIFICANT = 2
    NON_POSITIVE_COVARIANCE = 3
    NEGATIVE_VARIANCE = 4
    SIGMA_TEST_NOT_CONVERGED = 5
    SINGULAR = 6
    CONSTRAINT_ACTIVE = 7

    @property
    def meaning(self) -> str:
        """One sentence for a table or a legend."""
        return _MEANINGS[self]


_MEANINGS = {
    CollocationStatus.OK: "estimate resolved",
    CollocationStatus.TOO_FEW_SAMPLES: "fewer joint samples than min_samples",
    CollocationStatus.NOT_SIGNIFICANT: "a pair of products is not significantly correlated",
    CollocationStatus.NON_POSITIVE_COVARIANCE: "a pair of products does not covary positively",
    CollocationStatus.NEGATIVE_VARIANCE: "estimated error variance below zero (R2 above 1)",
    CollocationStatus.SIGMA_TEST_NOT_CONVERGED: "the iterated sigma test did not settle",
    CollocationStatus.SINGULAR: "differences between products are linearly dependent",
    CollocationStatus.CONSTRAINT_ACTIVE: "positive-definiteness constraint active, matrix singular",
}

#: What a layer of these codes is called.
STATUS_NAME = "status of the collocation estimate"
