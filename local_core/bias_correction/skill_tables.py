"""Tables of a correction in the form of Chang et al. (2022), Tables II, III and SI.

Bias is estimate minus reference, as in eq. 9: a reanalysis that is too wet has a positive bias,
while the difference D of eq. 4 that is fitted is reference minus estimate.
"""

from __future__ import annotations

import pandas as pd
import xarray as xr

from local_core.bias_correction.correction_run import CorrectionRun
from local_core.markdown_table import markdown_table
from local_core.metrics import scores

_SCORES = ("r", "bias", "rmse")
_HEADINGS = {"r": "R", "bias": "Bias (m3 m-3)", "rmse": "RMSE (m3 m-3)"}


def skill_table(run: CorrectionRun, *, min_n: int = 30) -> pd.DataFrame:
    """Score a run by station and layer on its validation days.

    Parameters
    ----------
    run : CorrectionRun
    min_n : int, optional
        Fewer days give no scores.

    Returns
    -------
    DataFrame
        One row a station and layer: ``vegetation_type``, ``station``, ``fit_sites``, ``layer``,
        ``n``, ``r_initial``, ``r_corrected``, ``bias_initial`` ... ``rmse_corrected``, ``note``.

    Examples
    --------
    >>> from local_core.bias_correction import HarmonicBiasCorrector, single_site_correction
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=5, stations_per_type=1)
    >>> run = single_site_correction(HarmonicBiasCorrector(), network.reanalysis.soil_moisture,
    ...                              network.truth.layer_soil_moisture)
    >>> table = skill_table(run)
    >>> bool((table.rmse_corrected < table.rmse_initial).all())
    True
    """
    judged = run.validation
    both = judged.notnull().to_array().all("variable")
    reference = judged["in_situ"].where(both)
    columns = {}
    for estimate in ("initial", "corrected"):
        result = scores(
            judged[estimate].where(both), reference, dim="time", metrics=_SCORES, min_n=min_n
        )
        columns |= {f"{name}_{estimate}": result[name] for name in _SCORES}
        columns["n"] = result["n"]
    table = xr.Dataset(columns).reset_coords(drop=True).to_dataframe().reset_index()
    about = _about_stations(run.dataset)
    order = [f"{name}_{estimate}" for name in _SCORES for estimate in ("initial", "corrected")]
    table = table.merge(about, on="station")
    table["layer"] = pd.Categorical(
        table["layer"], [str(layer) for layer in run.dataset["layer"].values], ordered=True
    )
    table = table.sort_values(["vegetation_type", "station", "layer"], ignore_index=True)
    table["n"] = table["n"].fillna(0).astype(int)
    first = ["vegetation_type", "station", "fit_sites", "layer", "n"]
    return table[[*first, *order, "note"]]


def _about_stations(dataset: xr.Dataset) -> pd.DataFrame:
    about = pd.DataFrame(
        {
            "station": dataset["station"].values,
            "fit_sites": dataset["fit_sites"].values,
            "note": dataset["note"].values,
            "vegetation_type": "",
        }
    )
    if "vegetation_type" in dataset.coords:
        about["vegetation_type"] = dataset["vegetation_type"].values.astype(str)
    return about


def with_means(table: pd.DataFrame) -> pd.DataFrame:
    """Add the paper's mean rows: a type's mean by layer, and over all its layers.

    Parameters
    ----------
    table : DataFrame
        From :func:`skill_table`.

    Returns
    -------
    DataFrame
        Mean rows follow the sites of their type; ``station`` is "Mean", and ``layer`` "all layers"
        in the last one. Rows without scores do not enter the means.
    """
    numbers = [column for column in table if column.rsplit("_", 1)[-1] in ("initial", "corrected")]
    pieces = []
    table = table.assign(layer=table["layer"].astype(str))
    layers = list(dict.fromkeys(table["layer"]))
    for kind, rows in table.groupby("vegetation_type", sort=False):
        pieces.append(rows)
        means = rows.groupby("layer")[numbers].mean().reindex(layers)
        means["n"] = rows.groupby("layer")["n"].sum()
        means = means.reset_index().assign(station="Mean", vegetation_type=kind)
        overall = means[numbers].mean().to_frame().T
        overall = overall.assign(
            station="Mean", vegetation_type=kind, layer="all layers", n=means["n"].sum()
        )
        pieces += [means, overall]
    return pd.concat(pieces, ignore_index=True).reindex(columns=table.columns)


def printed_table(table: pd.DataFrame, *, cross_site: bool) -> str:
    """Write a skill table as Markdown in the paper's form.

    Parameters
    ----------
    table : DataFrame
        From :func:`skill_table`; mean rows are added.
    cross_site : bool
        With the column of the sites a correction was fitted on (Table III) or without (Table II).

    Returns
    -------
    str
    """
    rows = with_means(table)
    printed = pd.DataFrame({"Vegetation type": rows["vegetation_type"].replace("", "-")})
    printed["Validation site" if cross_site else "Site"] = rows["station"]
    if cross_site:
        printed["Sites fitted"] = rows["fit_sites"].fillna("")
    printed["Layer (cm)"] = rows["layer"]
    printed["Days"] = rows["n"].astype(int)
    for name, heading in _HEADINGS.items():
        for estimate in ("initial", "corrected"):
            printed[f"{heading}, {estimate}"] = rows[f"{name}_{estimate}"].astype(float)
    text = markdown_table(printed, decimals=3)
    notes = table.loc[table["note"] != "", ["station", "note"]].drop_duplicates()
    if len(notes):
        text += "\nNot corrected: " + "; ".join(
            f"{row.station} ({row.note})" for row in notes.itertuples()
        )
        text += ".\n"
    return text


def freezing_table(run: CorrectionRun, *, min_n: int = 30) -> pd.DataFrame | None:
    """Compare errors while the soil is frozen with those of the whole year.

    Parameters
    ----------
    run : CorrectionRun
    min_n : int, optional
        Fewest frozen days.

    Returns
    -------
    DataFrame or None
        By station and layer: frozen days, RMSE of the frozen period and of all days, before and
        after, and their ratio (the paper's "78 %" for alpine meadow). None where the state of the
        soil is unknown.
    """
    if "frozen" not in run.dataset:
        return None
    judged = run.validation
    frozen = run.dataset["frozen"] == 1
    columns = {}
    for estimate in ("initial", "corrected"):
        whole = scores(
            judged[estimate], judged["in_situ"], dim="time", metrics=("rmse",), min_n=min_n
        )
        cold = scores(
            judged[estimate].where(frozen),
            judged["in_situ"],
            dim="time",
            metrics=("rmse",),
            min_n=min_n,
        )
        columns |= {
            "frozen_days": cold["n"],
            f"rmse_{estimate}": whole["rmse"],
            f"rmse_frozen_{estimate}": cold["rmse"],
            f"ratio_{estimate}": cold["rmse"] / whole["rmse"],
        }
    table = xr.Dataset(columns).reset_coords(drop=True).to_dataframe().reset_index()
    table = table.merge(_about_stations(run.dataset)[["station", "vegetation_type"]], on="station")
    table["frozen_days"] = table["frozen_days"].fillna(0).astype(int)
    table = table[table["rmse_frozen_corrected"].notna()]
    first = ["vegetation_type", "station", "layer", "frozen_days"]
    rest = [
        f"{name}_{estimate}"
        for name in ("rmse", "rmse_frozen", "ratio")
        for estimate in ("initial", "corrected")
    ]
    return table[[*first, *rest]].sort_values(first[:3], ignore_index=True)


def method_table(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Compare methods over the same stations and layers.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Method to its :func:`skill_table`.

    Returns
    -------
    DataFrame
        One row a method, and first the uncorrected reanalysis: series scored, means of R, of the
        absolute bias and of the RMSE, and the share of series whose RMSE the method lowered.
        Series that not every method could correct are left out.
    """
    keys = ["station", "layer"]
    usable = None
    for table in tables.values():
        have = set(
            table.loc[table["rmse_corrected"].notna(), keys].astype(str).itertuples(index=False)
        )
        usable = have if usable is None else usable & have
    rows = []
    for index, (method, table) in enumerate(tables.items()):
        chosen = [tuple(pair) in usable for pair in table[keys].astype(str).itertuples(index=False)]
        same = table[chosen]
        estimates = ("initial", "corrected") if index == 0 else ("corrected",)
        for estimate in estimates:
            better = same["rmse_corrected"] < same["rmse_initial"]
            rows.append(
                {
                    "method": "none" if estimate == "initial" else method,
                    "series": len(same),
                    "R": same[f"r_{estimate}"].mean(),
                    "|Bias| (m3 m-3)": same[f"bias_{estimate}"].abs().mean(),
                    "RMSE (m3 m-3)": same[f"rmse_{estimate}"].mean(),
                    "improved": float("nan") if estimate == "initial" else better.mean(),
                }
            )
    return pd.DataFrame(rows)
