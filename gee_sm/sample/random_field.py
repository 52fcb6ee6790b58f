"""Random fields that are defined everywhere: sums of plane waves drawn from a seed.

A field on a raster would tie the truth to one grid. Waves can be evaluated at any place, so the
10 m scenes, the 1 arc-second terrain, the stations and products of any coarser grid all see one
and the same truth.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

__all__ = ["RandomField", "random_stream"]


def random_stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random numbers of one named thing.

    Parameters
    ----------
    seed : int
        The sample's seed, not negative.
    *names : str or int
        What the numbers are for. Each name has a stream of its own, so adding a product leaves
        the others as they were.

    Returns
    -------
    numpy.random.Generator
        Always the same for the same arguments.
    """
    keys = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *keys]))


@dataclass(frozen=True)
class RandomField:
    """A stationary, isotropic, nearly Gaussian field of zero mean and unit variance.

    Parameters
    ----------
    wave_numbers : ndarray, shape (modes, 2)
        Angular wave numbers along x and y, in radians per metre.
    phases : ndarray, shape (modes,)
        Phases in radians.
    amplitudes : ndarray, shape (modes,)
        Amplitude of each wave; ``sum(amplitudes**2) / 2`` is the variance.
    """

    wave_numbers: np.ndarray
    phases: np.ndarray
    amplitudes: np.ndarray

    @classmethod
    def gaussian(
        cls, random: np.random.Generator, *, length: float, modes: int = 256
    ) -> RandomField:
        """Draw a field with correlation ``exp(-distance**2 / (2 * length**2))``.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of randomness.
        length : float
            Correlation length in metres.
        modes : int, default 256
            Number of waves.

        Returns
        -------
        RandomField
            The field.

        Examples
        --------
        >>> import numpy as np
        >>> field = RandomField.gaussian(random_stream(1, "example"), length=300.0)
        >>> field(np.zeros((1, 3)), np.zeros((2, 1))).shape
        (2, 3)
        """
        rank = (np.arange(modes) + random.random(modes)) / modes
        radius = np.sqrt(-2 * np.log1p(-rank)) / length
        return cls._of(radius, np.full(modes, np.sqrt(2 / modes)), random)

    @classmethod
    def power_law(
        cls,
        random: np.random.Generator,
        *,
        shortest: float,
        longest: float,
        exponent: float,
        modes: int = 256,
    ) -> RandomField:
        """Draw a field whose amplitudes grow as ``wavelength**exponent``, as terrain's do.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of randomness.
        shortest, longest : float
            Range of wavelengths in metres.
        exponent : float
            Growth of the amplitude per octave of wavelength.
        modes : int, default 256
            Number of waves, spread evenly over the logarithm of wavelength.

        Returns
        -------
        RandomField
            The field.
        """
        rank = (np.arange(modes) + random.random(modes)) / modes
        wavelength = shortest * (longest / shortest) ** rank
        amplitude = wavelength**exponent
        amplitude *= np.sqrt(2 / np.sum(amplitude**2))
        return cls._of(2 * np.pi / wavelength, amplitude, random)

    @classmethod
    def _of(
        cls, radius: np.ndarray, amplitudes: np.ndarray, random: np.random.Generator
    ) -> RandomField:
        direction = random.random(radius.size) * 2 * np.pi
        waves = radius[:, None] * np.column_stack([np.cos(direction), np.sin(direction)])
        return cls(waves, random.random(radius.size) * 2 * np.pi, amplitudes)

    @property
    def gradient_rms(self) -> float:
        """Root mean square of the gradient's length, per metre."""
        return float(np.sqrt(np.sum((self.amplitudes**2) * (self.wave_numbers**2).sum(axis=1)) / 2))

    def smoothed(self, length: float) -> RandomField:
        """Return the field under a Gaussian window of standard deviation `length` metres."""
        squared = (self.wave_numbers**2).sum(axis=1)
        damping = np.exp(-squared * length**2 / 2)
        return RandomField(self.wave_numbers, self.phases, self.amplitudes * damping)

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate the field.

        Parameters
        ----------
        x, y : ndarray
            Coordinates in metres, broadcast against each other. A row of x against a column of y
            is evaluated as one matrix product.

        Returns
        -------
        ndarray
            Values, of the broadcast shape.
        """
        x, y = np.asarray(x, float), np.asarray(y, float)
        along_x, along_y = self.wave_numbers.T
        if x.ndim == 2 and y.ndim == 2 and x.shape[0] == 1 and y.shape[1] == 1:
            # cos(a + b) splits into products, so a raster costs one pass over its sides.
            row = along_x[:, None] * x + self.phases[:, None]
            column = y * along_y
            cosine, sine = np.cos(row), np.sin(row)
            return (self.amplitudes * np.cos(column)) @ cosine - (
                self.amplitudes * np.sin(column)
            ) @ sine
        x, y = np.broadcast_arrays(x, y)
        total = np.zeros(x.shape)
        for kx, ky, phase, amplitude in zip(along_x, along_y, self.phases, self.amplitudes):
            total += amplitude * np.cos(kx * x + ky * y + phase)
        return total
