"""Asset ids, and the names under which the REST interface knows them."""

from __future__ import annotations

import re

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["asset_id_of", "asset_name_of", "check_asset_id", "short_id"]

_PUBLIC = "projects/earthengine-public/assets/"
_LEGACY = "projects/earthengine-legacy/assets/"
_PART = re.compile(r"[A-Za-z0-9_\-][A-Za-z0-9_.\-]*\Z")
_PROJECT_PARTS = 3  # projects, its name, assets
_LONGEST_PART, _LONGEST_ID = 200, 1000  # disks set bounds to names and paths


def asset_id_of(name: str) -> str:
    """Return the id of an asset's name: public and legacy assets leave the project out."""
    return short_id(name).strip("/")


def short_id(asset_id: str) -> str:
    """Return an id as assets have it, from one that may be a name, as expressions may use it."""
    for prefix in (_PUBLIC, _LEGACY):
        if asset_id.startswith(prefix):
            return asset_id.removeprefix(prefix)
    return asset_id


def asset_name_of(asset_id: str) -> str:
    """Return the name of an asset's id."""
    parts = asset_id.split("/")
    if parts[0] == "projects" and len(parts) >= _PROJECT_PARTS and parts[2] == "assets":
        return asset_id
    return (_LEGACY if parts[0] in ("users", "projects") else _PUBLIC) + asset_id


def check_asset_id(asset_id: str) -> str:
    """Return an id that is fit to name a folder.

    Raises
    ------
    EarthEngineError
        If it is too long, or a part of it is empty, hidden or holds what a path must not.
    """
    parts = asset_id.split("/")
    if len(asset_id) > _LONGEST_ID or max(map(len, parts)) > _LONGEST_PART:
        raise EarthEngineError(
            f"Invalid asset ID: '{asset_id:.80}...' is longer than {_LONGEST_ID} characters, or a "
            f"part of it than {_LONGEST_PART}."
        )
    if not all(_PART.match(part) for part in parts):
        raise EarthEngineError(
            f"Invalid asset ID: '{asset_id:.200}'. Expected letters, digits, '_', '-' and '.' "
            "between slashes."
        )
    return asset_id
