"""Status codes of a score: why there is a number, or why there is none."""

from __future__ import annotations

from enum import IntEnum

from local_core.status_flags import flag_attributes


class ScoreStatus(IntEnum):
    """Outcome of scoring one series, pixel or group.

    A regional run never stops on one bad pixel: the reason is stored beside the numbers instead.

    Examples
    --------
    >>> ScoreStatus(1).meaning
    'fewer valid pairs than min_n'
    """

    OK = 0
    TOO_FEW = 1
    CONSTANT_ESTIMATE = 2
    CONSTANT_REFERENCE = 3
    CONSTANT_BOTH = 4
    NO_OVERLAP = 5

    @property
    def meaning(self) -> str:
        """One line for a report."""
        return _MEANINGS[self]


_MEANINGS = {
    ScoreStatus.OK: "scored",
    ScoreStatus.TOO_FEW: "fewer valid pairs than min_n",
    ScoreStatus.CONSTANT_ESTIMATE: "estimate does not vary: correlations undefined",
    ScoreStatus.CONSTANT_REFERENCE: "reference does not vary: correlations and r2 undefined",
    ScoreStatus.CONSTANT_BOTH: "neither series varies: correlations and r2 undefined",
    ScoreStatus.NO_OVERLAP: "no pair of valid values",
}

#: CF attributes of a status variable.
STATUS_ATTRS = flag_attributes(ScoreStatus, "status of the score")
