"""The official client, started on an emulator instead of on Google."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from gee_sm.emulator.client_state import put_back, set_aside, without_stac_fetch
from gee_sm.emulator.emulator import Emulator
from gee_sm.emulator.faults import FaultPlan
from gee_sm.emulator.limits import Limits
from gee_sm.emulator.service.http import Server
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
    server : Server or None
        The HTTP server, when there is one.
    url : str
        Where tiles, thumbnails and downloads are fetched.
    """

    def __init__(self, emulator: Emulator, project: str, key: Any, port: int | None = None):
        self.emulator = emulator
        self.project = project
        self.key = key
        self.owns_emulator = key[0] is not emulator
        self.server = None if port is None else Server(emulator, port=port)
        self.url = _UNSERVED_URL if self.server is None else self.server.url
        self.transport = InProcessTransport(emulator.handle)
        self._previous: Any = None

    @property
    def is_current(self) -> bool:
        """Whether the client still talks to this emulator."""
        from ee import _state

        return _state.get_state().http_transport is self.transport

    def start(self) -> None:
        """Point the client at the emulator, remembering where it pointed before."""
        import ee
        from google.auth.credentials import AnonymousCredentials

        self._previous = set_aside()
        with without_stac_fetch():
            ee.Initialize(
                AnonymousCredentials(),
                project=self.project,
                url=self.url,
                http_transport=self.transport,
            )

    def close(self) -> None:
        """Stop what was started here, and point the client back to where it pointed before."""
        global _current
        with _lock:
            if self.is_current:
                put_back(self._previous)
            if _current is self:
                _current = None
            if self.server is not None:
                self.server.close()
            if self.owns_emulator:
                self.emulator.close()

    def __enter__(self) -> ClientConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect_client(
    catalog: Path | str | Emulator | None = None,
    *,
    project: str = "gee-sm-emulator",
    serve: bool = False,
    port: int = 0,
    exports: Path | str | None = None,
    limits: Limits | None = None,
    faults: FaultPlan | None = None,
) -> ClientConnection:
    """Start the official Earth Engine client on an emulator in this process.

    Called again with the same arguments it returns the connection there is; with others it points
    the client elsewhere. Closing the connection points the client back, to Google if it was
    initialised there.

    Parameters
    ----------
    catalog : path-like or Emulator, optional
        Folder of the catalog, or an emulator made by oneself; none gives one without stored data.
    project : str
        Project name, 6 to 30 lower-case letters, digits and hyphens as the client demands.
    serve : bool
        Also listen on this machine, so that what the client answers as a URL (map tiles,
        thumbnails, downloads) can be fetched by a browser.
    port : int
        Port to listen on; 0 takes a free one.
    exports : path-like, optional
        Folder that stands for Drive, buckets and assets; ``exports`` in the catalog by default.
    limits : Limits, optional
        Limits in force; those of the real service by default.
    faults : FaultPlan, optional
        How the service misbehaves.

    Returns
    -------
    ClientConnection
        To be closed when done, or used in a ``with``.

    Raises
    ------
    CatalogError
        If the folder holds no catalog.
    OSError
        If the port is taken.

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
        (serve, port),
        None if exports is None else Path(exports).resolve(),
        limits,
        faults,
    )
    with _lock:
        if _current is not None and _current.key == key and _current.is_current:
            return _current
        if isinstance(catalog, Emulator):
            if any(option is not None for option in (exports, limits, faults)):
                raise ValueError(
                    "an Emulator has exports, limits and faults of its own: give them to it"
                )
            emulator = catalog
        else:
            emulator = Emulator(catalog, exports=exports, limits=limits, faults=faults)
        connection = ClientConnection(emulator, project, key, port if serve else None)
        connection.start()
        _current = connection
        return connection
