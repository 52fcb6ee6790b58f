"""The refined Lee filter in numpy, twice: pixel by pixel as the rule reads, and vectorised.

Both are written from the rule, not from the Earth Engine graph: the slow one loops over windows and
takes two-pass variances, the fast one adds shifted arrays up and sorts. They are each other's check
and the oracle of the graph.
"""

from __future__ import annotations

import numpy as np

_ROWS, _COLUMNS = np.mgrid[0:7, 0:7]
_HALVES = {
    "W": _COLUMNS <= 3,
    "E": _COLUMNS >= 3,
    "N": _ROWS <= 3,
    "S": _ROWS >= 3,
    "NE": _COLUMNS >= _ROWS,
    "SW": _COLUMNS <= _ROWS,
    "NW": _COLUMNS + _ROWS <= 6,
    "SE": _COLUMNS + _ROWS >= 6,
}
_AXES = (("W", "E"), ("NE", "SW"), ("N", "S"), ("NW", "SE"))
_PLACES = {
    "NW": (0, 0),
    "N": (0, 1),
    "NE": (0, 2),
    "W": (1, 0),
    "C": (1, 1),
    "E": (1, 2),
    "SW": (2, 0),
    "S": (2, 1),
    "SE": (2, 2),
}


def refined_lee_by_pixel(power, valid=None, *, looks=None, nominal_looks=4.4):
    """The rule, window by window; NaN where the input is not valid."""
    power = np.asarray(power, float)
    valid = np.ones(power.shape, bool) if valid is None else np.asarray(valid, bool)
    padded = np.pad(np.where(valid, power, np.nan), 3, constant_values=np.nan)
    found = np.full(power.shape, np.nan)
    for row, column in zip(*np.nonzero(valid), strict=True):
        window = padded[row : row + 7, column : column + 7]
        found[row, column] = _filtered_centre(window, looks, nominal_looks)
    return found


def _filtered_centre(window, looks, nominal_looks):
    subs = {name: window[2 * j : 2 * j + 3, 2 * i : 2 * i + 3] for name, (j, i) in _PLACES.items()}
    if np.isnan(window).any():
        pixels = window[~np.isnan(window)]
    else:
        means = {name: sub.mean() for name, sub in subs.items()}
        gradients = [abs(means[a] - means[b]) for a, b in _AXES]
        first, second = _AXES[int(np.argmax(gradients))]
        centre = means["C"]
        nearer = first if abs(means[first] - centre) < abs(centre - means[second]) else second
        pixels = window[_HALVES[nearer]]
    mean = pixels.mean()
    variance = pixels.var(ddof=1) if pixels.size > 1 else 0.0
    if variance == 0:
        return mean
    if looks is not None:
        noise = 1 / looks
    else:
        whole = [sub for sub in subs.values() if not np.isnan(sub).any()]
        variations = sorted(sub.var(ddof=1) / sub.mean() ** 2 for sub in whole)
        noise = np.mean(variations[:5]) if variations else 1 / nominal_looks
    signal = max(0.0, (variance - mean**2 * noise) / (1 + noise))
    return mean + signal / variance * (window[3, 3] - mean)


def refined_lee_twin(power, valid=None, *, looks=None, nominal_looks=4.4):
    """The rule on whole arrays; NaN where the input is not valid."""
    power = np.asarray(power, float)
    valid = np.ones(power.shape, bool) if valid is None else np.asarray(valid, bool)
    height, width = power.shape
    values = np.pad(np.where(valid, power, 0.0), 3)
    squares = values * values
    weights = np.pad(valid.astype(float), 3)

    def add_up(padded, pattern):
        total = np.zeros((height, width))
        for dy, dx in np.argwhere(pattern):
            total += padded[dy : dy + height, dx : dx + width]
        return total

    # 3 x 3 moments once, on a frame two pixels wider; the nine windows are shifts of it.
    frame = (height + 4, width + 4)
    sums, sums2, counts = (
        sum(a[dy : dy + frame[0], dx : dx + frame[1]] for dy in range(3) for dx in range(3))
        for a in (values, squares, weights)
    )
    means3 = sums / 9
    variances3 = np.maximum(sums2 - sums * means3, 0) / 8
    with np.errstate(divide="ignore", invalid="ignore"):
        variations3 = np.where(counts > 8.5, variances3 / means3**2, np.inf)

    def shifted(frame_array, name):
        j, i = _PLACES[name]
        return frame_array[2 * j : 2 * j + height, 2 * i : 2 * i + width]

    means = {name: shifted(means3, name) for name in _PLACES}
    gradients = np.stack([np.abs(means[a] - means[b]) for a, b in _AXES])
    axis = np.argmax(gradients, axis=0)
    total, total2 = np.zeros((height, width)), np.zeros((height, width))
    for number, (first, second) in enumerate(_AXES):
        to_first = np.abs(means[first] - means["C"]) < np.abs(means["C"] - means[second])
        for name, chosen in ((first, to_first), (second, ~to_first)):
            here = (axis == number) & chosen
            total[here] = add_up(values, _HALVES[name])[here]
            total2[here] = add_up(squares, _HALVES[name])[here]

    every = np.ones((7, 7), bool)
    count = add_up(weights, every)
    gaps = count < 48.5
    number = np.where(gaps, count, 28)
    total = np.where(gaps, add_up(values, every), total)
    total2 = np.where(gaps, add_up(squares, every), total2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / number
        variance = np.maximum(total2 - total * mean, 0) / (number - 1)
        if looks is None:
            nine = np.sort(np.stack([shifted(variations3, name) for name in _PLACES]), axis=0)[:5]
            finite = np.isfinite(nine)
            several = finite.sum(axis=0)
            noise = np.where(finite, nine, 0).sum(axis=0) / several
            noise = np.where(several == 0, 1 / nominal_looks, noise)
        else:
            noise = 1 / looks
        signal = np.maximum(0, (variance - mean**2 * noise) / (1 + noise))
        weight = np.where(variance > 0, signal / variance, 0)
    return np.where(valid, mean + weight * (np.where(valid, power, 0) - mean), np.nan)
