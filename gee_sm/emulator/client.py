"""The official client, started on an emulator instead of on Google."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gee_sm.emulator.emulator import Emulator
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.transport import InProcessTransport

__all__ = ["ClientConnection", "connect_client"]

_UNSERVED_URL = "http://connect-with-serve-true.invalid"

_lock = threading.RLock()
_current: ClientConnection | None = None


class ClientConnection:
    """A started client and the emulator that answers it.

    Attributes
    ----------
    emulator : Emulator
        The emulator.
    project : str
        Name of the project that the client was started with.
    url : str
        Where tiles, thumbnails and downloads are fetched.
    """

    def __init__(self, emulator: Emulator, project: str, key: Any):
        self.emulator = emulator
        self.project = project
        self.key = key
        self.url = _UNSERVED_URL
        self.transport = InProcessTransport(emulator.handle)

    @property
    def is_current(self) -> bool:
        """Whether the client still talks to this emulator."""
        from ee import _state

        return _state.get_state().http_transport is self.transport

    def start(self) -> None:
        """Point the client at the emulator."""
        import ee
        from google.auth.credentials import AnonymousCredentials

        with _without_stac_fetch():
            ee.Initialize(
                AnonymousCredentials(),
                project=self.project,
                url=self.url,
                http_transport=self.transport,
            )

    def close(self) -> None:
        """Stop the emulator, and reset the client if it still talks to it."""
        global _current
        with _lock:
            if self.is_current:
                import ee

                ee.Reset()
            if _current is self:
                _current = None
            self.emulator.close()

    def __enter__(self) -> ClientConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect_client(
    catalog: Path | str | Emulator | None = None,
    *,
    project: str = "gee-sm-emulator",
    limits: Limits | None = None,
) -> ClientConnection:
    """Start the official Earth Engine client on an emulator in this process.

    Called again with the same arguments it returns the connection there is; with others it points
    the client elsewhere.

    Parameters
    ----------
    catalog : path-like or Emulator, optional
        Folder of the catalog, or an emulator made by oneself; none gives one without stored data.
    project : str
        Project name, 6 to 30 lower-case letters, digits and hyphens as the client demands.
    limits : Limits, optional
        Limits in force.

    Returns
    -------
    ClientConnection
        To be closed when done, or used in a ``with``.

    Raises
    ------
    CatalogError
        If the folder holds no catalog.

    Examples
    --------
    >>> import ee
    >>> with connect_client():
    ...     ee.String("works").getInfo()
    'works'
    """
    global _current
    key = (
        catalog if catalog is None or isinstance(catalog, Emulator) else Path(catalog).resolve(),
        project,
        limits,
    )
    with _lock:
        if _current is not None and _current.key == key and _current.is_current:
            return _current
        emulator = catalog if isinstance(catalog, Emulator) else Emulator(catalog, limits=limits)
        connection = ClientConnection(emulator, project, key)
        connection.start()
        _current = connection
        return connection


@contextmanager
def _without_stac_fetch() -> Iterator[None]:
    """Keep the client from asking Google for its list of deprecated assets."""
    from ee import deprecation

    original = deprecation._FetchDataCatalogStac
    deprecation._FetchDataCatalogStac = dict
    try:
        yield
    finally:
        deprecation._FetchDataCatalogStac = original
