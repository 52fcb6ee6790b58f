"""Which values of an archive count as good, by the quality flags it carries.

The International Soil Moisture Network (ISMN) marks a value ``G`` (good), ``M`` (missing), ``C..``
(outside the possible range), or with one or several ``D..`` (dubious: frozen soil or air, peaks
without rain, spikes, jumps, constants), separated by commas. Archives from before 2014 have no
``G``: what no test objected to is ``U`` (unflagged). [1]_

References
----------
.. [1] Dorigo et al. (2013), Global automated quality control of in situ soil moisture data from
   the International Soil Moisture Network, Vadose Zone Journal, doi:10.2136/vzj2012.0097
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Flags that say "the ground or the air was below freezing", not "the reading is bad". In
#: permafrost the unfrozen water of these days is what is being studied.
FROZEN_GROUND_FLAGS = frozenset({"D01", "D02", "D03"})

#: Of these, the ones about the soil itself (in situ and GLDAS temperature); D02 is about the air.
FROZEN_SOIL_FLAGS = frozenset({"D01", "D03"})

_NAMED = ("good", "good+frozen", "all")


def accepted_flags(policy: str) -> frozenset[str] | None:
    """Return the flags a policy accepts.

    Parameters
    ----------
    policy : str
        ``"good"`` (G), ``"good+frozen"`` (G and the flags that only say the ground or the air was
        below 0 degC), ``"all"`` (whatever was measured), or flags separated by commas, such as
        ``"G,D04"``.

    Returns
    -------
    frozenset of str or None
        None stands for all.

    Raises
    ------
    ValueError
        If the policy names nothing.

    Examples
    --------
    >>> sorted(accepted_flags("good+frozen"))
    ['D01', 'D02', 'D03', 'G']
    """
    if policy == "good":
        return frozenset({"G"})
    if policy == "good+frozen":
        return frozenset({"G"}) | FROZEN_GROUND_FLAGS
    if policy == "all":
        return None
    flags = frozenset(flag.strip().upper() for flag in policy.split(",") if flag.strip())
    if not flags or not all(flag.isalnum() for flag in flags):
        raise ValueError(
            f"flag policy {policy!r} is not known; give one of {', '.join(_NAMED)} or the accepted "
            "flags separated by commas, such as 'G,D04'"
        )
    return flags


def uses_good_flag(flags: Iterable[ArrayLike]) -> bool:
    """Tell whether any of a network's flag series holds a ``G``.

    A network without one carries the old flag set, in which ``U`` is the best a value can be.
    """
    return any(np.any(np.asarray(series) == "G") for series in flags)


def good_values(
    flag: ArrayLike, *, policy: str = "good", unflagged_is_good: bool
) -> NDArray[np.bool_]:
    """Tell which values a flag policy accepts.

    Parameters
    ----------
    flag : array of str, shape (n,)
        Flags, several separated by commas. A value is accepted if all of its flags are; a value
        without any flag (tables of one's own) is accepted.
    policy : str, optional
        As in :func:`accepted_flags`.
    unflagged_is_good : bool
        Accept ``U``: true for networks in which no ``G`` occurs (:func:`uses_good_flag`).

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> good_values(["G", "U", "D01,D03", ""], policy="good+frozen", unflagged_is_good=False)
    array([ True, False,  True,  True])
    """
    accepted = accepted_flags(policy)
    series = np.asarray(flag, dtype=str)
    if accepted is None:
        return series != "M"
    if unflagged_is_good:
        accepted = accepted | {"U"}
    # A record has tens of thousands of values but a dozen different flags.
    distinct, index = np.unique(series, return_inverse=True)
    verdict = [
        not text.strip() or all(part.strip() in accepted for part in text.split(","))
        for text in distinct
    ]
    return np.array(verdict, dtype=bool)[index]


def frozen_by_flag(flag: ArrayLike) -> NDArray[np.bool_]:
    """Tell where the archive says the soil was below freezing (D01, D03).

    Parameters
    ----------
    flag : array of str, shape (n,)

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> frozen_by_flag(["G", "D01,D03", "D02"])
    array([False,  True, False])
    """
    distinct, index = np.unique(np.asarray(flag, dtype=str), return_inverse=True)
    verdict = [
        any(part.strip() in FROZEN_SOIL_FLAGS for part in text.split(",")) for text in distinct
    ]
    return np.array(verdict, dtype=bool)[index]
