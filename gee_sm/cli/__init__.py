"""The ``gee-sm`` command: one file per subcommand, imported only when it is called."""

from __future__ import annotations

import importlib

import click

_COMMANDS = {
    "sample": "Write the sample region: scenes, stations and the truth behind them.",
    "pull": "Bring coarse products to files, at stations or as cubes.",
    "map": "Make soil-moisture maps from Sentinel-1.",
    "calibrate": "Refit the retrieval's coefficients on station samples.",
    "stations": "Read, screen and layer station records.",
    "correct": "Correct a reanalysis against stations (VMD and rivals).",
    "collocate": "Error statistics of three or more products.",
    "merge": "Merge products by their error variances.",
    "validate": "Score estimates against references.",
    "emulator": "What the Earth Engine emulator can do.",
    "serve": "Serve the emulator over HTTP for any Earth Engine client.",
}


class _LazyGroup(click.Group):
    """A click group whose subcommands live in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order a user meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one subcommand."""
        if cmd_name not in _COMMANDS:
            return None
        return importlib.import_module(f"gee_sm.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gee-sm", prog_name="gee-sm")
def main() -> None:
    """Soil moisture from Sentinel-1 and coarse products, on Earth Engine or its emulator."""
