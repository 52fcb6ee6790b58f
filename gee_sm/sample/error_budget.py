"""The error that remains when everything systematic is perfect.

Speckle, sensor noise of the optical bands, and the residual change between the seasons, each
propagated through equation 7 to the output's pixel. The sample's maps are judged against it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.signal import fftconvolve
from scipy.special import erf, polygamma

from gee_sm.sample.noise import Noise
from gee_sm.sample.sentinel1_forward import COEFFICIENTS

__all__ = ["FILTER_CENTRE_WEIGHT", "NoiseFloor", "independent_looks", "noise_floor"]

FILTER_CENTRE_WEIGHT = 0.33
"""Weight of the centre pixel that explains how a refined Lee filter thins flat speckle.

It is not 0, as the filter takes its noise estimate from the five calmest of nine windows: at 4.4
looks it gains a factor of 7 in looks, not the 28 of its half windows.
"""

# Neighbours see nearly the same gradients, so about so many take the same half window.
_PIXELS_THAT_CHOOSE_ALIKE = 6
_PIXEL = 10.0
_FILTER_SIZE = 7
_DB_PER_NEPER = 10 / math.log(10)


@dataclass(frozen=True)
class NoiseFloor:
    """Root mean square errors in m3 m-3; arrays where the scene counts were arrays.

    Parameters
    ----------
    speckle : float or ndarray
        Of both seasons' scenes, after the filter and all averaging.
    optical : float or ndarray
        Of NDVI and NDMI.
    residual : float or ndarray
        Of what changes between the seasons and is neither moisture nor vegetation.
    total : float or ndarray
        All of them, added in square.
    """

    speckle: float | np.ndarray
    optical: float | np.ndarray
    residual: float | np.ndarray
    total: float | np.ndarray

    def as_dict(self) -> dict[str, float | np.ndarray]:
        """Return the parts by name."""
        return asdict(self)


def noise_floor(
    *,
    passing: str,
    scale: float,
    thaw_scenes: float | np.ndarray,
    freeze_scenes: float | np.ndarray,
    optical_noise: tuple[float, float] = (0.0, 0.0),
    optical_scenes: float = 1.0,
    noise: Noise | None = None,
    filtered: bool = True,
) -> NoiseFloor:
    """Return the error that remains in a map of soil moisture by equation 7.

    Both recipes have this floor: they differ in systematic error, which it does not hold.

    Parameters
    ----------
    passing : str
        ``ASCENDING`` or ``DESCENDING``: whose coefficients.
    scale : float
        Output pixel size in metres, a multiple of 10.
    thaw_scenes, freeze_scenes : float or ndarray
        Scenes averaged per season; 0 gives NaN.
    optical_noise : tuple of float, default (0, 0)
        Standard deviation in m3 m-3 of ``b * NDVI + c * NDMI`` in one pixel of one scene: the
        parts independent between 10 m and between 20 m pixels, as by
        :func:`gee_sm.sample.sentinel2_forward.index_noise`.
    optical_scenes : float, default 1
        Clear Sentinel-2 scenes averaged.
    noise : Noise, optional
        The sample's noise; its defaults if left out.
    filtered : bool, default True
        Whether the scenes pass a 7 x 7 refined Lee filter.

    Returns
    -------
    NoiseFloor
        The error and its parts.

    Raises
    ------
    ValueError
        The pass is unknown, or the scale is not a multiple of 10 m.

    Examples
    --------
    >>> floor = noise_floor(passing="ASCENDING", scale=100, thaw_scenes=5, freeze_scenes=5)
    >>> 0.003 < floor.total < 0.006
    True
    """
    if passing not in COEFFICIENTS:
        raise ValueError(f"pass must be one of {', '.join(COEFFICIENTS)}; got {passing!r}")
    noise = Noise() if noise is None else noise
    coefficients = COEFFICIENTS[passing]
    looks = noise.looks * independent_looks(
        scale, filtered=filtered, correlation=noise.speckle_correlation
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        variance_db = sum(
            _log_variance(looks * np.where(np.asarray(n) > 0, n, np.nan))
            for n in (thaw_scenes, freeze_scenes)
        )
    speckle = coefficients.a * np.sqrt(variance_db)
    fine, coarse = optical_noise
    optical = math.sqrt(
        (fine**2 / _pixels(scale, 10) + coarse**2 / _pixels(scale, 20)) / optical_scenes
    )
    residual = coefficients.a * noise.residual_db * _mean_correlation(scale / noise.residual_length)
    parts = np.broadcast_arrays(speckle, optical, residual)
    missing = np.where(np.isnan(parts[0]), np.nan, 0.0)
    parts = [part + missing for part in parts]
    total = np.sqrt(sum(part**2 for part in parts))
    values = [
        value.item() if value.ndim == 0 else value for value in map(np.asarray, [*parts, total])
    ]
    return NoiseFloor(*values)


def independent_looks(scale: float, *, filtered: bool = True, correlation: float = 0.0) -> float:
    """Return how many independent 10 m pixels one output pixel averages.

    Parameters
    ----------
    scale : float
        Output pixel size in metres, a multiple of 10.
    filtered : bool, default True
        Whether a 7 x 7 refined Lee filter came first, which reaches beyond the output pixel.
    correlation : float, default 0
        Width in pixels of the Gaussian that correlates the speckle.

    Returns
    -------
    float
        Variance of one pixel over the variance of the output pixel.

    Raises
    ------
    ValueError
        The scale is not a multiple of 10 m.

    Notes
    -----
    On flat speckle the filter mixes the pixel (weight b) with the mean of one of eight half
    windows of 28 pixels. The output pixel averages the mean window, plus a share for the choice,
    which some six neighbours have in common. Both numbers were fitted to the filter; a test
    compares the result with it: for independent speckle it holds within 7 % at any scale, for
    correlated speckle within 15 % at 100 m.

    Examples
    --------
    >>> independent_looks(100, filtered=False)
    100.0
    """
    size = round(scale / _PIXEL)
    if size < 1 or not math.isclose(size * _PIXEL, scale):
        raise ValueError(f"scale must be a multiple of {_PIXEL:.0f} m, got {scale!r}")
    box = np.full((size, size), 1 / size**2)
    if not filtered:
        variance = _variance(box, correlation)
        return 1 / variance
    kernels = [
        FILTER_CENTRE_WEIGHT * _centre() + (1 - FILTER_CENTRE_WEIGHT) * window
        for window in _half_windows()
    ]
    mean = np.mean(kernels, axis=0)
    choice = np.mean([_variance(kernel, correlation) for kernel in kernels])
    choice -= _variance(mean, correlation)
    alike = min(size**2, _PIXELS_THAT_CHOOSE_ALIKE)
    variance = _variance(fftconvolve(box, mean), correlation) + choice * alike / size**2
    return 1 / variance


def _variance(kernel: np.ndarray, correlation: float) -> float:
    """Return the variance of correlated unit noise under a kernel."""
    if correlation == 0:
        return float((kernel**2).sum())
    # White noise smoothed by a Gaussian of unit output variance has this correlation.
    reach = math.ceil(5 * correlation)
    smoothed = gaussian_filter(np.pad(kernel, reach), correlation, mode="constant")
    impulse = np.zeros((2 * reach + 1, 2 * reach + 1))
    impulse[reach, reach] = 1
    unit = gaussian_filter(impulse, correlation, mode="constant")
    return float((smoothed**2).sum() / (unit**2).sum())


def _centre() -> np.ndarray:
    kernel = np.zeros((_FILTER_SIZE, _FILTER_SIZE))
    kernel[_FILTER_SIZE // 2, _FILTER_SIZE // 2] = 1
    return kernel


def _half_windows() -> list[np.ndarray]:
    """Return the eight half windows of the filter, each of mean weight."""
    rows, columns = np.indices((_FILTER_SIZE, _FILTER_SIZE)) - _FILTER_SIZE // 2
    sides = [rows, columns, rows + columns, rows - columns]
    windows = [side >= 0 for side in sides] + [side <= 0 for side in sides]
    return [window / window.sum() for window in windows]


def _log_variance(looks: np.ndarray) -> np.ndarray:
    """Return the variance in dB squared of the logarithm of gamma noise."""
    return np.where(np.isinf(looks), 0.0, _DB_PER_NEPER**2 * polygamma(1, looks))


def _pixels(scale: float, size: float) -> float:
    return max(1.0, (scale / size) ** 2)


def _mean_correlation(ratio: float) -> float:
    """Return the standard deviation of a Gaussian-correlated unit field's mean over a square.

    `ratio` is the square's side over the correlation length.
    """
    integral = ratio * math.sqrt(math.pi / 2) * erf(ratio / math.sqrt(2))
    return float(2 / ratio**2 * (integral + math.exp(-(ratio**2) / 2) - 1))
