"""Which Sentinel-2 pixels show the ground.

The cloud band that scripts used to rely on, QA60, is empty from 2022-01-25 to 2024-02-27: a mask
made of it alone silently passes every cloud of two summers, so it is not offered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ee

CloudMask = Literal["cloud_score_plus", "scl", "none"]

SCORE_BAND = "cs_cdf"
CLEAR_SCORE = 0.60
"""Smallest Cloud Score+ of a clear view, the catalog's own example."""

CLOUD_CLASSES = (3, 8, 9, 10)
"""Scene classes that are cloud: shadow, medium and high probability, cirrus."""

NEVER_USABLE_CLASSES = (0, 1, 11)
"""Scene classes no score excuses: no data, defective, snow and ice.

Snow is a clear view of something that is not soil, and its moisture index is high.
"""


class UnknownCloudMaskError(ValueError):
    """A cloud mask that does not exist was asked for."""


def usable_scene_class(scene: ee.Image, dropped: Sequence[int]) -> ee.Image:
    """Return 1 where the scene classification is none of the dropped classes, else 0.

    Parameters
    ----------
    scene : ee.Image
        A surface-reflectance scene with its band ``SCL``.
    dropped : sequence of int
        Classes to leave out.

    Returns
    -------
    ee.Image
        Band ``clear``.
    """
    return (
        scene.select(["SCL"], ["clear"])
        .remap(list(dropped), [0] * len(dropped), 1, "clear")
        .rename("clear")
    )


def clear_view(
    scene: ee.Image,
    *,
    method: CloudMask = "cloud_score_plus",
    clear_score: float = CLEAR_SCORE,
    has_scene_class: bool = True,
) -> ee.Image:
    """Return 1 where a scene shows the ground, 0 where it shows cloud, snow or nothing.

    Parameters
    ----------
    scene : ee.Image
        A Sentinel-2 scene; for Cloud Score+ with the band ``cs_cdf`` linked to it
        (:func:`gee_sm.sentinel2.collection.reflectance` does so).
    method : {"cloud_score_plus", "scl", "none"}
        Cloud Score+ with the scene classification standing in wherever a scene has no score; the
        scene classification alone; or no mask, for images that were composited before.
    clear_score : float
        Smallest score of a clear view, 0 to 1.
    has_scene_class : bool
        Whether the scene has the band ``SCL`` (top-of-atmosphere scenes do not: without a score
        nothing of them counts as clear).

    Returns
    -------
    ee.Image
        Band ``clear``.

    Raises
    ------
    UnknownCloudMaskError
        If there is no such method.
    ValueError
        If the score is not between 0 and 1, or the scene class is asked for where there is none.
    """
    if not 0 <= clear_score <= 1:
        raise ValueError(f"clear_score must lie between 0 and 1; got {clear_score}")
    if method == "none":
        return ee.Image.constant(1).rename("clear")
    if method == "scl":
        if not has_scene_class:
            raise ValueError(
                "cloud mask 'scl' needs the band SCL, which top-of-atmosphere scenes lack; "
                "use 'cloud_score_plus'"
            )
        return usable_scene_class(scene, (*NEVER_USABLE_CLASSES, *CLOUD_CLASSES))
    if method != "cloud_score_plus":
        raise UnknownCloudMaskError(
            f"cloud mask {method!r} is unknown; use 'cloud_score_plus', 'scl' or 'none'"
        )
    score = scene.select([SCORE_BAND], ["clear"])
    clear = score.gte(clear_score)
    if not has_scene_class:
        return clear.unmask(0)
    usable = usable_scene_class(scene, NEVER_USABLE_CLASSES)
    without_score = usable_scene_class(scene, (*NEVER_USABLE_CLASSES, *CLOUD_CLASSES))
    # Where the score is masked, so is the replacement, and the scene class stays.
    return without_score.where(score.mask(), clear.And(usable))
