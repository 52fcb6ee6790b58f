"""Numbers that follow from an error variance and a total variance, and what to do below zero."""

from __future__ import annotations

import numpy as np

__all__ = ["NEGATIVE_POLICIES", "variance_shares"]

NEGATIVE_POLICIES = ("nan", "clip", "abs")


def variance_shares(
    *,
    error_var_own: np.ndarray,
    error_var: np.ndarray,
    fmse: np.ndarray,
    beta: np.ndarray,
    variance: np.ndarray,
    negative: str,
) -> dict[str, np.ndarray]:
    """Standard deviations, correlation with the truth, error share and SNR under a policy.

    Parameters
    ----------
    error_var_own, error_var : numpy.ndarray
        Signed error variance in own units and in those of the reference.
    fmse : numpy.ndarray
        ``error_var_own / variance``, signed.
    beta : numpy.ndarray
        Gain to the reference; its sign becomes that of the correlation.
    variance : numpy.ndarray
        Total variance, own units.
    negative : {"nan", "clip", "abs"}
        ``nan``: no value where the error or the signal variance is negative. ``clip``: the
        negative one is taken as zero. ``abs``: absolute values, as pytesmo forms its SNR
        (:math:`s / |C - s|` with :math:`s` the absolute signal variance).

    Returns
    -------
    dict of numpy.ndarray
        ``error_var_own``, ``error_var`` and ``beta`` unchanged; ``error_std_own``, ``error_std``,
        ``fmse``, ``r``, ``snr_db``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if negative == "abs":
            signal = np.abs(variance - error_var_own)
            snr = signal / np.abs(variance - signal)
            share = 1.0 / (1.0 + snr)
            std_own = np.sqrt(np.abs(error_var_own))
        else:
            share = (
                np.clip(fmse, 0.0, 1.0)
                if negative == "clip"
                else np.where((fmse >= 0.0) & (fmse <= 1.0), fmse, np.nan)
            )
            std_own = np.sqrt(share * variance)
            snr = (1.0 - share) / share
        return {
            "error_var_own": error_var_own,
            "error_var": error_var,
            "beta": beta,
            "error_std_own": std_own,
            "error_std": np.abs(beta) * std_own,
            "fmse": share,
            "r": np.sign(beta) * np.sqrt(1.0 - share),
            "snr_db": 10.0 * np.log10(snr),
        }
