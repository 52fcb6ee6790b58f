"""Connecting the Earth Engine client: to Google, or to the emulator."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import tomllib
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gee_sm.connection_errors import EarthEngineConnectionError, explained

if TYPE_CHECKING:
    from gee_sm.emulator import ClientConnection, Emulator, FaultPlan, Limits

__all__ = ["Connection", "EarthEngineConnectionError", "connect", "sample_catalog"]

_log = logging.getLogger(__name__)

ENDPOINTS = {
    "standard": "https://earthengine.googleapis.com",
    "high-volume": "https://earthengine-highvolume.googleapis.com",
}
_PROJECT = re.compile(r"[a-z][a-z0-9\-]{4,28}[a-z0-9]\Z|\d+\Z|[\w.\-]+:[a-z][a-z0-9\-]+\Z")
_EMULATOR_PROJECT = "gee-sm-emulator"
_FIELDS = frozenset({"project", "service_account_key", "endpoint"})
_SAMPLE_VERSION = 1
_RETRIES = 1  # while connecting, so that a wrong address is told within seconds

_lock = threading.RLock()
_current: Connection | None = None


@dataclass
class Connection:
    """What the Earth Engine client is connected to.

    Attributes
    ----------
    target : str
        ``google``, ``emulator``, or ``existing`` for a client initialised by somebody else.
    project : str
        The Cloud project; a made-up one on the emulator.
    endpoint : str
        Base URL of requests.
    emulator : Emulator or None
        The emulator, when it runs in this process.
    """

    target: str
    project: str
    endpoint: str
    emulator: Emulator | None = None
    _key: Any = None
    _client: ClientConnection | None = field(default=None, repr=False)

    @property
    def is_google(self) -> bool:
        """Whether computations are done, and counted, by Google."""
        return self.target == "google"

    def close(self) -> None:
        """Leave the emulator, and point the client back to where it pointed before."""
        global _current
        with _lock:
            if self._client is not None:
                self._client.close()
            if _current is self:
                _current = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    project: str | None = None,
    *,
    credentials: Any = None,
    endpoint: str | None = None,
    emulator: str | os.PathLike[str] | bool | None = None,
    serve: bool = False,
    port: int = 0,
    exports: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
    faults: FaultPlan | None = None,
) -> Connection:
    """Connect the Earth Engine client to Google or to an emulator.

    It never prompts. Asked twice for the same, it connects once; called without arguments it
    returns the connection there is.

    Parameters
    ----------
    project : str, optional
        Google Cloud project registered for Earth Engine. Default: the credentials file, the
        environment variable ``GEE_SM_PROJECT``, or what ``earthengine set_project`` stored.
    credentials : path-like or google.auth credentials, optional
        A ``credentials.toml`` (see ``credentials.example``), the JSON key of a service account, or
        a credentials object. Default: what ``earthengine authenticate`` stored.
    endpoint : str, optional
        ``standard``, ``high-volume``, or a URL, such as that of ``gee-sm serve``.
    emulator : path-like or bool, optional
        Folder of a catalog to emulate Earth Engine on; True takes the sample region, which is
        written to a cache folder the first time.
    serve, port, exports, limits, faults
        For the emulator; see :func:`gee_sm.emulator.connect_client`.

    Returns
    -------
    Connection
        What the client is connected to.

    Raises
    ------
    EarthEngineConnectionError
        If there is no connection; the message says which command, role or page helps.
    gee_sm.emulator.CatalogError
        If the emulator's folder holds no catalog.
    ValueError
        If arguments contradict each other.

    Examples
    --------
    >>> import ee, gee_sm
    >>> with gee_sm.connect(emulator="catalog"):
    ...     ee.Number(1).add(1).getInfo()
    2
    """
    if emulator is not None and emulator is not False:
        if project is not None or credentials is not None or endpoint is not None:
            raise ValueError(
                "project, credentials and endpoint are for Google, emulator is for this machine: "
                "give one or the other"
            )
        catalog = sample_catalog() if emulator is True else Path(os.fspath(emulator))
        options = {"serve": serve, "port": port, "limits": limits, "faults": faults}
        return _to_emulator(catalog, {**options, "exports": exports})
    if serve or any(option is not None for option in (exports, limits, faults)):
        raise ValueError("serve, exports, limits and faults belong to the emulator: give emulator=")
    with _lock:
        if project is None and credentials is None and endpoint is None:
            existing = _existing()
            if existing is not None:
                return existing
        return _to_google(project, credentials, endpoint)


def sample_catalog() -> Path:
    """Return the folder of the sample region, writing it the first time (a few seconds).

    It lies in the user's cache, ``$XDG_CACHE_HOME/gee-sm`` or ``~/.cache/gee-sm``.

    Raises
    ------
    OSError
        If it cannot be written there.
    """
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gee-sm"
    folder = root / f"sample-{_SAMPLE_VERSION}"
    if not (folder / "catalog.json").is_file():
        from gee_sm import sample

        _log.info("writing the sample region to %s", folder)
        root.mkdir(parents=True, exist_ok=True)
        try:
            sample.write(folder, parts=("scenes",), progress=sys.stderr.isatty())
        except ValueError:
            # Another process may have been faster; anything else is told as it is.
            if not (folder / "catalog.json").is_file():
                raise
    return folder


def _to_emulator(catalog: Path, options: dict[str, Any]) -> Connection:
    global _current
    from gee_sm.emulator import connect_client

    with _lock:
        client = connect_client(catalog, project=_EMULATOR_PROJECT, **options)
        if _current is not None and _current._client is client:
            return _current
        _current = Connection(
            "emulator", client.project, client.url, client.emulator, ("emulator", client), client
        )
        return _current


def _existing() -> Connection | None:
    """Return the connection there is: ours, or one that somebody made with ``ee.Initialize``."""
    global _current
    import ee
    from ee import _state

    if _current is not None and _is_live(_current):
        return _current
    if not ee.data.is_initialized():
        return None
    state = _state.get_state()
    return Connection("existing", str(state.cloud_api_user_project), str(state.cloud_api_base_url))


def _is_live(connection: Connection) -> bool:
    """Whether the client still points where a connection left it."""
    from ee import _state

    if connection._client is not None:
        return connection._client.is_current
    state = _state.get_state()
    return bool(
        state.initialized
        and state.http_transport is None
        and state.cloud_api_base_url == connection.endpoint
        and state.cloud_api_user_project == connection.project
    )


def _to_google(project: str | None, credentials: Any, endpoint: str | None) -> Connection:
    global _current
    settings = _settings(credentials)
    project = project or settings.get("project") or os.environ.get("GEE_SM_PROJECT") or None
    url = _url(endpoint or settings.get("endpoint") or "standard")
    if project is None and _is_emulator(url):
        project = _EMULATOR_PROJECT
    if project is not None and not _PROJECT.match(project):
        raise EarthEngineConnectionError(
            f"{project!r} is not the id of a Google Cloud project: 6 to 30 lower-case letters, "
            "digits and hyphens, as in 'my-project-123'. Ids are listed at "
            "https://console.cloud.google.com/cloud-resource-manager",
            "wrong-project",
        )
    key = ("google", project, url, settings.get("service_account_key"), id(settings.get("object")))
    if _current is not None and _current._key == key and _is_live(_current):
        return _current
    project = _initialize(project, _credentials(settings, url), url)
    _current = Connection("google", project, url, None, key)
    return _current


def _initialize(project: str | None, credentials: Any, url: str) -> str:
    """Start the client, and return the project it found."""
    import ee
    import google.auth.exceptions
    import googleapiclient.errors
    from ee import _state

    from gee_sm.emulator.client_state import put_back, set_aside, without_stac_fetch

    former = set_aside()
    state = _state.get_state()
    retries, state.max_retries = state.max_retries, _RETRIES
    # The client asks for the functions once in its life; who connects again must ask in person,
    # or a project without access would be noticed at the first computation only.
    knows_functions = bool(ee.ApiFunction._api)
    try:
        with without_stac_fetch() if _is_emulator(url) else nullcontext():
            ee.Initialize(credentials, project=project, url=url)
        if knows_functions:
            ee.data.getAlgorithms()
    except (
        ee.EEException,
        google.auth.exceptions.GoogleAuthError,
        googleapiclient.errors.Error,
        OSError,
    ) as error:
        # A client that failed half-way must not look initialised to the next call.
        put_back(former)
        raise explained(error, project=project, endpoint=url) from error
    state.max_retries = retries
    return str(_state.get_state().cloud_api_user_project)


def _settings(credentials: Any) -> dict[str, Any]:
    """Return what the credentials argument says: project, endpoint, key file or object."""
    if credentials is None:
        return {}
    if not isinstance(credentials, str | os.PathLike):
        return {"object": credentials}
    path = Path(os.fspath(credentials)).expanduser()
    if not path.is_file():
        raise EarthEngineConnectionError(
            f"there is no credentials file {path}: give the path of a credentials.toml (copy "
            "credentials.example) or of a service account's JSON key",
            "bad-credentials",
        )
    if path.suffix != ".toml":
        return {"service_account_key": str(path.resolve())}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EarthEngineConnectionError(
            f"{path} cannot be read as TOML ({error}): compare it with credentials.example",
            "bad-credentials",
        ) from error
    wrong = sorted(k for k, v in settings.items() if k not in _FIELDS or not isinstance(v, str))
    if wrong:
        raise EarthEngineConnectionError(
            f"{path} has {', '.join(wrong)}: expected texts named {', '.join(sorted(_FIELDS))}",
            "bad-credentials",
        )
    if "service_account_key" in settings:
        key = path.parent / Path(settings["service_account_key"]).expanduser()
        settings["service_account_key"] = str(key.resolve())
    return settings


def _url(endpoint: str) -> str:
    if endpoint in ENDPOINTS:
        return ENDPOINTS[endpoint]
    if not endpoint.startswith(("http://", "https://")):
        raise ValueError(
            f"endpoint {endpoint!r} is none of {', '.join(ENDPOINTS)}, and no http(s) URL"
        )
    return endpoint.rstrip("/")


def _is_emulator(url: str) -> bool:
    """Whether a URL is one that Google would not answer: no credentials are sent in the clear."""
    return url.startswith("http://")


def _credentials(settings: dict[str, Any], url: str) -> Any:
    """Return credentials for the client; a plain http URL is an emulator and needs none."""
    if "object" in settings:
        return settings["object"]
    if "service_account_key" in settings:
        import ee

        try:
            return ee.ServiceAccountCredentials(key_file=settings["service_account_key"])
        except (OSError, ValueError) as error:
            raise EarthEngineConnectionError(
                f"{settings['service_account_key']} is not the JSON key of a service account "
                f"({error}): make one at https://console.cloud.google.com/iam-admin/serviceaccounts",
                "bad-credentials",
            ) from error
    if _is_emulator(url):
        from google.auth.credentials import AnonymousCredentials

        return AnonymousCredentials()
    return "persistent"
