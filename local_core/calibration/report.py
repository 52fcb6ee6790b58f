"""What a calibration leaves behind: coefficients, tables, and a report to read."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd

from local_core.atomic_write import write_text
from local_core.calibration.run import Calibration
from local_core.validation.tables import formatted_scores, markdown_table

logger = logging.getLogger(__name__)


def write_calibration(calibration: Calibration, folder: str | os.PathLike[str]) -> list[Path]:
    """Write coefficients, tables and the readable report.

    Parameters
    ----------
    calibration : Calibration
        What :func:`calibrate` returned.
    folder : path
        Made if it does not exist.

    Returns
    -------
    list of Path
        ``coefficients.toml``, ``coefficients.json``, ``splits.csv``, ``held_out.csv`` (with groups)
        and ``report.md``.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        calibration.coefficients.write(folder / "coefficients.toml"),
        calibration.coefficients.write(folder / "coefficients.json"),
        write_text(folder / "splits.csv", split_table(calibration).to_csv()),
    ]
    if calibration.held_out is not None:
        table = calibration.held_out.by_group()
        written.append(write_text(folder / "held_out.csv", table.to_csv()))
    written.append(write_text(folder / "report.md", calibration_report(calibration)))
    logger.info("wrote %s", ", ".join(p.name for p in written))
    return written


def split_table(calibration: Calibration) -> pd.DataFrame:
    """Mean, OPT and STD in the form of Table 3, over samples and over groups."""
    tables = {"samples": calibration.random_splits.table()}
    if calibration.grouped_splits is not None:
        tables[str(calibration.group)] = calibration.grouped_splits.table()
    return pd.concat(tables, names=["division of", "row"])


def calibration_report(calibration: Calibration) -> str:
    """Readable report in Markdown: what to expect at a new place first."""
    c = calibration.coefficients
    n = len(calibration.samples.frame)
    lines = [f"# Calibration of {' + '.join(c.predictors)}", ""]
    if c.source:
        lines += [f"Samples: {c.source}.", ""]
    if calibration.held_out is not None:
        lines += _held_out_section(calibration)
    lines += _coefficient_section(calibration, n)
    lines += _split_section(calibration)
    lines += ["## Samples", "", *(f"- {note}" for note in calibration.samples.notes), ""]
    return "\n".join(lines)


def _held_out_section(calibration: Calibration) -> list[str]:
    scores = calibration.held_out.scores()
    groups = len(calibration.held_out.group_labels)
    table = formatted_scores(
        pd.DataFrame([scores], index=pd.Index(["all samples"], name="")),
        ("n", "r", "bias", "rmse", "ubrmse", "mae", "r2"),
    )
    gain = 1.0 - scores["rmse"] / calibration.baseline_rmse
    return [
        f"## At a {calibration.group} it has not seen",
        "",
        f"Each of {groups} groups is predicted by a fit on the others; 95 % intervals by drawing "
        "groups. Bias is estimate minus measured; m3 m-3.",
        "",
        markdown_table(table),
        f"Predicting the mean of the other groups has an RMSE of {calibration.baseline_rmse:.3f}: "
        f"the retrieval {'lowers' if gain > 0 else 'raises'} it by {100 * abs(gain):.0f} %.",
        "",
    ]


def _coefficient_section(calibration: Calibration, n: int) -> list[str]:
    c = calibration.coefficients
    table = pd.DataFrame(
        {"value": c.values, "standard error": c.std},
        index=pd.Index([*c.predictors, "constant"], name="coefficient"),
    )
    kind = "independent samples" if calibration.held_out is None else "clustered by group"
    return [
        "## Coefficients",
        "",
        f"Least squares on all {n} samples: R2 {calibration.fit.r2_:.3f}, residual standard "
        f"deviation {calibration.fit.residual_std_:.3f} m3 m-3; standard errors for {kind}.",
        "",
        markdown_table(table, digits=4),
    ]


def _split_section(calibration: Calibration) -> list[str]:
    splits = calibration.random_splits
    share = splits.n_training[0] / splits.n_samples
    lines = [
        "## Random divisions (Table 3 of Li et al. 2025)",
        "",
        f"{len(splits.values)} divisions, {100 * share:.0f} % of the samples to train on.",
        "",
        markdown_table(split_table(calibration), digits=4),
        f"Training and validation R2 correlate at {splits.r2_correlation:.3f} over the divisions "
        "of samples: what one part gains the other loses, so the optimum (OPT) is the luckiest "
        "division, not a better model. STD is the spread over divisions; for 8:2 it is half a "
        "standard error of independent samples.",
        "",
    ]
    if calibration.grouped_splits is not None:
        validation = calibration.grouped_splits.r2_validation
        low, middle, high = np.nanquantile(validation, [0.05, 0.5, 0.95])
        lines += [
            f"With whole groups held out, validation R2 is {middle:.3f} (median; 5 to 95 %: "
            f"{low:.3f} to {high:.3f}); with samples, {np.nanmedian(splits.r2_validation):.3f}.",
            "",
        ]
    return lines
