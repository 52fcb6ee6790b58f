"""Summer minus winter (eq. 6), within each relative orbit, summed up over orbits.

All sums are kept until the end: eq. 7 is linear, so the mean of the retrievals of all passes is
the retrieval of the means, and only sums need to cross from one orbit to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import ee

from gee_sm.retrieval.recipes import Recipe

ORBIT_NUMBER = "relativeOrbitNumber_start"

SUMMER_BANDS = ("vv_db", "seen", "ndvi", "ndmi", "ndwi", "n_optical", "n_toa")
WINTER_BANDS = ("vv_db", "seen")

RETRIEVED_BANDS = ("difference", "ndvi", "ndmi", "n_thaw", "n_freeze", "speckle")
EXPLAINING_BANDS = (
    "n_compared",
    "covered_thaw",
    "covered_both",
    "seen",
    "n_seen",
    "ndwi",
    "n_ndwi",
    "n_optical",
    "n_toa",
)
SUM_BANDS = (*RETRIEVED_BANDS, *EXPLAINING_BANDS)


def nothing(names: Sequence[str]) -> ee.Image:
    """Return an image with the given bands and no valid pixel.

    Merged into a collection it keeps reducers of an empty one from yielding an image without
    bands, on which every later step fails.
    """
    return ee.Image.constant([0.0] * len(names)).rename(list(names)).toDouble().updateMask(0)


def _never_empty(images: ee.ImageCollection, names: Sequence[str]) -> ee.ImageCollection:
    return images.select(list(names)).merge(ee.ImageCollection([nothing(names)]))


def orbit_sums(
    thaw: ee.ImageCollection, freeze: ee.ImageCollection, *, season_indices: ee.Image | None
) -> ee.Image:
    """Sum the passes of one relative orbit up, each against the mean of that orbit's winter.

    Parameters
    ----------
    thaw : ee.ImageCollection
        One image a pass with :data:`SUMMER_BANDS`.
    freeze : ee.ImageCollection
        One image a pass with :data:`WINTER_BANDS`.
    season_indices : ee.Image or None
        Indices for passes that have none of their own; None drops such passes pixel by pixel.

    Returns
    -------
    ee.Image
        :data:`RETRIEVED_BANDS`: sums over the passes used of the difference (dB) and the indices;
        the numbers of passes of both seasons; ``speckle``, by which ``(10 / ln 10)^2 / looks`` is
        to be multiplied to give the variance of the sum of differences. These are masked where no
        pass can be used. Then :data:`EXPLAINING_BANDS`, valid everywhere: passes that could be
        compared, whether the pixel is covered in summer and in both seasons, sum and number of
        the shares outside layover and shadow, sum and number of the water indices, and the numbers
        of optical views.
    """
    summer = _never_empty(thaw, SUMMER_BANDS)
    winter = _never_empty(freeze, WINTER_BANDS)
    reference = winter.select(["vv_db"]).mean()
    n_freeze = winter.select(["vv_db"]).count().unmask(0, False)

    vv_all = summer.select(["vv_db"])
    n_all = vv_all.count().unmask(0, False)
    paired = summer.select(["vv_db", "ndvi", "ndmi"]).map(_masked_together)
    sums = paired.sum()
    n_paired = paired.select(["vv_db"]).count().unmask(0, False)
    if season_indices is None:
        n_thaw = n_paired.selfMask()
        vv_sum, index_sums = sums.select("vv_db"), sums.select(["ndvi", "ndmi"])
    else:
        n_thaw = n_all.selfMask()
        vv_sum = vv_all.sum()
        without = n_all.subtract(n_paired)
        season = season_indices.select(["ndvi", "ndmi"])
        filled = season.unmask(0, False).multiply(without)
        index_sums = sums.select(["ndvi", "ndmi"]).unmask(0, False).add(filled)
        # A pass without any index, its own or the season's, cannot be retrieved.
        lacking = without.gt(0).And(season.mask().reduce(ee.Reducer.min()).Not())
        index_sums = index_sums.updateMask(lacking.Not())

    difference = vv_sum.subtract(reference.multiply(n_thaw))
    used = difference.mask().min(index_sums.mask().reduce(ee.Reducer.min()))
    retrieved = (
        difference.rename("difference")
        .addBands(index_sums)
        .addBands(n_thaw.rename("n_thaw"))
        .addBands(n_freeze.rename("n_freeze"))
        .addBands(n_thaw.add(n_thaw.pow(2).divide(n_freeze)).rename("speckle"))
        .updateMask(used)
    )
    covered_thaw = summer.select(["seen"]).count().unmask(0, False).gt(0)
    covered_freeze = winter.select(["seen"]).count().unmask(0, False).gt(0)
    return (
        retrieved.addBands(n_all.multiply(n_freeze.gt(0)).rename("n_compared"))
        .addBands(covered_thaw.rename("covered_thaw"))
        .addBands(covered_thaw.And(covered_freeze).rename("covered_both"))
        .addBands(summer.select(["seen"]).sum().unmask(0, False).rename("seen"))
        .addBands(summer.select(["seen"], ["n_seen"]).count().unmask(0, False))
        .addBands(summer.select(["ndwi"]).sum().unmask(0, False))
        .addBands(summer.select(["ndwi"], ["n_ndwi"]).count().unmask(0, False))
        .addBands(summer.select(["n_optical", "n_toa"]).sum().unmask(0, False))
        .toDouble()
    )


def all_sums(
    thaw: ee.ImageCollection,
    freeze: ee.ImageCollection,
    *,
    recipe: Recipe,
    season_indices: ee.Image | None = None,
    relative_orbits: Sequence[int] | None = None,
) -> ee.Image:
    """Sum up all relative orbits of one pass direction.

    Parameters
    ----------
    thaw, freeze : ee.ImageCollection
        Images of :func:`orbit_sums` that carry their scene's relative orbit number.
    recipe : Recipe
        Whether to compare within each orbit or all together.
    season_indices : ee.Image or None
        See :func:`orbit_sums`.
    relative_orbits : sequence of int, optional
        Orbit numbers if they are known; left out, the service lists them itself.

    Returns
    -------
    ee.Image
        :data:`SUM_BANDS` over all orbits, masked and valid as those of :func:`orbit_sums`.
    """
    if recipe.difference == "all_orbits":
        return orbit_sums(thaw, freeze, season_indices=season_indices)

    def sums(number: int | ee.Number) -> ee.Image:
        same_orbit = ee.Filter.eq(ORBIT_NUMBER, number)
        return orbit_sums(
            thaw.filter(same_orbit), freeze.filter(same_orbit), season_indices=season_indices
        )

    if relative_orbits is not None:
        orbits = ee.ImageCollection([sums(int(number)) for number in relative_orbits])
    else:
        numbers = thaw.aggregate_array(ORBIT_NUMBER).distinct()
        orbits = ee.ImageCollection(numbers.map(lambda number: sums(ee.Number(number))))
    total = _never_empty(orbits, SUM_BANDS).sum()
    explaining = total.select(list(EXPLAINING_BANDS)).unmask(0, False)
    return total.select(list(RETRIEVED_BANDS)).addBands(explaining)


def _masked_together(image: ee.Image) -> ee.Image:
    return image.updateMask(image.mask().reduce(ee.Reducer.min()))
