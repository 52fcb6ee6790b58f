"""The report of a run: ``report.json`` for machines, ``report.html`` for people."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gee_sm.mapping.geotiff import write_text

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: .6rem 0; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; } .note { color: #555; }
"""
_HEAD = (
    "<tr><th>compared with</th><th>n</th><th>r</th><th>bias</th><th>RMSE</th><th>ubRMSE</th>"
    "<th>noise floor</th></tr>"
)


def write_report(folder: Path, report: dict[str, Any]) -> tuple[Path, Path]:
    """Write both forms of a report.

    Parameters
    ----------
    folder : Path
        Folder of the maps.
    report : dict
        ``request``, ``maps`` and, when there is one map or for the first, its scores at the top.

    Returns
    -------
    tuple of Path
        ``report.json`` and ``report.html``.
    """
    machine, people = folder / "report.json", folder / "report.html"
    write_text(machine, json.dumps(report, indent=1, default=str) + "\n")
    write_text(people, _page(report))
    return machine, people


def _page(report: dict[str, Any]) -> str:
    request = report["request"]
    region = ", ".join(f"{value:g}" for value in request["region"])
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        f"<title>Soil moisture {region}</title><style>{_STYLE}</style>",
        "<h1>Soil-moisture maps</h1>",
        f"<p>Region {region} (west, south, east, north); recipe <b>{request['recipe']}</b>; "
        f"{request['scale']:g} m; {html.escape(report['engine'])}; gee-sm {report['version']}.</p>",
        "<p class='note'>Soil moisture in m³ m⁻³. Bias is map minus reference. Brackets are 95 % "
        "intervals for independent pixels; neighbouring pixels are not independent, so the true "
        "ones are wider.</p>",
    ]
    parts.extend(_map_section(entry) for entry in report["maps"])
    return "\n".join(parts) + "\n"


def _map_section(entry: dict[str, Any]) -> str:
    scenes = "; ".join(
        f"{season}: " + ", ".join(f"orbit {orbit} × {n}" for orbit, n in counts.items())
        for season, counts in entry["scenes"].items()
    )
    rows = [_HEAD]
    for name, found in _scored(entry):
        rows.append(_row(name, found))
    layers = "".join(
        f"<li><a href='{html.escape(name)}'>{html.escape(name)}</a>: {html.escape(what)}</li>"
        for what, name in entry["files"].items()
    )
    table = (
        f"<table>{''.join(rows)}</table>"
        if len(rows) > 1
        else ("<p class='note'>No stations and no truth to compare with.</p>")
    )
    return (
        f"<h2>{html.escape(entry['name'])}</h2>"
        f"<p>{html.escape(entry['title'])}. Scenes: {html.escape(scenes)}. "
        f"{100 * entry['valid_fraction']:.1f} % of the pixels have soil moisture, from "
        f"{entry['mean_counts']['n_thaw']:.1f} thawing and {entry['mean_counts']['n_freeze']:.1f} "
        f"freezing passes on average.</p>{table}"
        f"<img src='{html.escape(entry['files']['quick_look'])}' "
        f"alt='{html.escape(entry['name'])}'>"
        f"<ul>{layers}</ul>"
    )


def _scored(entry: dict[str, Any]) -> Sequence[tuple[str, dict[str, Any]]]:
    return [
        (f"{kind}, recipe {recipe}", kinds[kind])
        for recipe, kinds in entry["recipes"].items()
        for kind in ("truth", "stations")
        if kinds.get(kind)
    ]


def _row(name: str, found: dict[str, Any]) -> str:
    def cell(key: str, digits: int) -> str:
        value, interval = found[key], found[f"{key}_interval"]
        if value is None:
            return "<td>–</td>"
        text = f"{value:.{digits}f}"
        if None not in interval:
            text += f" [{interval[0]:.{digits}f}, {interval[1]:.{digits}f}]"
        return f"<td>{text}</td>"

    floor = found.get("noise_floor")
    return (
        f"<tr><td>{html.escape(name)}</td><td>{found['n']}</td>{cell('r', 3)}{cell('bias', 4)}"
        f"{cell('rmse', 4)}{cell('ubrmse', 4)}"
        f"<td>{'–' if floor is None else f'{floor:.4f}'}</td></tr>"
    )
