"""Faults that the emulator answers with, in the service's own words and codes."""

from __future__ import annotations


class EarthEngineError(Exception):
    """A request that cannot be answered: becomes an HTTP status and a JSON message.

    Parameters
    ----------
    message : str
        What the client shows.
    code : int
        HTTP status code.
    status : str
        The service's name of the code.
    """

    def __init__(self, message: str, *, code: int = 400, status: str = "INVALID_ARGUMENT"):
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


class UnsupportedFunctionError(EarthEngineError):
    """A function of Earth Engine that the emulator does not have."""


class CatalogError(ValueError):
    """A catalog, or a file in it, that cannot be read or written as asked."""
