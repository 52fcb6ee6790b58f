"""Spectrum of a series continued by its mirror image, as real numbers.

Variational mode decomposition continues a series by reflection at both ends and works on the
positive half of the Fourier spectrum. A series of N samples reflected with period 2N has the
spectrum ``exp(i * phase_j) * c_j`` in bin j, where ``c`` is the type-II discrete cosine transform
of the N samples and the phase depends on the bin alone. Wiener filters and powers never see that
phase, so the whole decomposition can be done on the N real numbers ``c``. Odd lengths need no case
of their own: no half of the series has to be cut off and glued to its ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft


def mirrored_spectrum(series: NDArray[np.floating]) -> NDArray[np.floating]:
    """Real spectrum of the mirrored series, one bin a frequency ``j / (2 N)``.

    Parameters
    ----------
    series
        Series of shape (..., time) without gaps.

    Returns
    -------
    ndarray
        Shape (..., time); the absolute value of bin j equals that of bin j of the discrete Fourier
        transform of the series mirrored to 2N samples.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.array([1.0, 4.0, 2.0])
    >>> mirrored = np.concatenate([series, series[::-1]])
    >>> np.allclose(np.abs(np.fft.fft(mirrored))[:3], np.abs(mirrored_spectrum(series)))
    True
    """
    return fft.dct(series, type=2, axis=-1)


def series_from_spectrum(spectrum: NDArray[np.floating], *, out: NDArray[np.floating]) -> None:
    """Invert :func:`mirrored_spectrum` along the last axis into ``out``, which may be the input."""
    series = fft.idct(spectrum, type=2, axis=-1, overwrite_x=out is spectrum)
    if not np.may_share_memory(series, out):
        out[...] = series


def bin_frequencies(n_times: int) -> NDArray[np.float64]:
    """Frequencies of the bins of :func:`mirrored_spectrum`, in cycles a sample, shape (time,)."""
    return np.arange(n_times) / (2.0 * n_times)


def vmdpy_nyquist_term(spectrum: NDArray[np.floating]) -> NDArray[np.floating]:
    """Series that vmdpy adds to each mode by filling the Nyquist bin with its neighbour.

    The Nyquist bin of a mirrored series is zero, but vmdpy (as the MATLAB code it translates)
    copies the conjugate of the highest bin into it. The copy is an alternating series of constant
    size; it is needed only to equal vmdpy to rounding.

    Parameters
    ----------
    spectrum
        Spectra of the modes, shape (..., time) with an even number of times.

    Returns
    -------
    ndarray
        Shape (..., time), to be added to the modes.
    """
    n_times = spectrum.shape[-1]
    # Phase of bin N-1 for a mirror that starts N/2 samples before the series.
    phase = np.pi * (n_times - 1) ** 2 / (2 * n_times)
    time = np.arange(n_times) + n_times // 2
    alternating = np.where(time % 2 == 0, 1.0, -1.0) * (np.cos(phase) / (2 * n_times))
    return spectrum[..., -1:] * alternating
