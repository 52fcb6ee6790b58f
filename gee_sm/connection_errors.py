"""Why Earth Engine cannot be reached, and what to do about it."""

from __future__ import annotations

import re

__all__ = ["EarthEngineConnectionError", "explained"]

_REGISTER = "https://console.cloud.google.com/earth-engine"
_API = "https://console.cloud.google.com/apis/library/earthengine.googleapis.com"
_IAM = "https://console.cloud.google.com/iam-admin/iam"

_NO_EMULATOR_NEEDS_IT = (
    "Without an account, gee_sm.connect(emulator=True) runs the same code on this machine."
)

_CAUSES = (
    (
        "no-credentials",
        r"authorize access to your Earth Engine account|DefaultCredentialsError|"
        r"Authentication required|missing required authentication|invalid authentication cred",
        "there are no Earth Engine credentials on this machine",
        "Run `earthengine authenticate` once in a terminal, or pass the key file of a service "
        f"account: connect(credentials='key.json'). {_NO_EMULATOR_NEEDS_IT}",
    ),
    (
        "expired-credentials",
        r"invalid_grant|RefreshError|Token has been expired|reauth|unauthorized_client|"
        r"deleted_client",
        "the stored credentials have expired or were revoked",
        "Run `earthengine authenticate --force`; for a service account, make a new key.",
    ),
    (
        "no-project",
        r"no project found",
        "no Google Cloud project was named",
        "Pass one: connect(project='my-cloud-project'), or set it once with "
        f"`earthengine set_project my-cloud-project`. Projects are registered at {_REGISTER}",
    ),
    (
        "not-registered",
        r"not registered|Not signed up|not signed up",
        "the account or the project{project} is not registered for Earth Engine",
        f"Register the project (free for noncommercial use) at {_REGISTER} and try again some "
        f"minutes later. {_NO_EMULATOR_NEEDS_IT}",
    ),
    (
        "api-disabled",
        r"API has not been used in project|SERVICE_DISABLED|it is disabled",
        "the Earth Engine API is not enabled in the project{project}",
        f"Enable it at {_API} (choose the project at the top of the page), wait some minutes and "
        "try again.",
    ),
    (
        "no-permission",
        r"required permission to use project|USER_PROJECT_DENIED|serviceusage|"
        r"earthengine\.\w+\.\w+' denied|PERMISSION_DENIED",
        "the account may not use the project{project}",
        "Ask an owner of the project for the roles Service Usage Consumer "
        "(roles/serviceusage.serviceUsageConsumer) and Earth Engine Resource Writer "
        f"(roles/earthengine.writer), which are given at {_IAM}, or name a project of your own.",
    ),
    (
        "wrong-project",
        r"CONSUMER_INVALID|not found or deleted|Project '?.*'? not found|Invalid project|"
        r"project .*(does not exist|is invalid)|Permission denied on resource project",
        "there is no project{project}",
        "Check its id (not its name or number) on the project's page at "
        f"{_REGISTER}: 6 to 30 lower-case letters, digits and hyphens.",
    ),
    (
        "unreachable",
        r"Name or service not known|Temporary failure in name resolution|Connection refused|"
        r"Unable to find the server|Max retries exceeded|timed out|TransportError|"
        r"Network is unreachable|Connection reset",
        "{endpoint} cannot be reached",
        "Check the network, a proxy (HTTPS_PROXY) and the endpoint; an emulator must have been "
        f"started with `gee-sm serve`. {_NO_EMULATOR_NEEDS_IT}",
    ),
)


class EarthEngineConnectionError(RuntimeError):
    """Earth Engine, or the emulator, could not be connected to; the message says what to do.

    Attributes
    ----------
    reason : str
        ``no-credentials``, ``expired-credentials``, ``bad-credentials``, ``no-project``,
        ``wrong-project``, ``not-registered``, ``api-disabled``, ``no-permission``,
        ``unreachable``, ``already-connected`` or ``unknown``.
    """

    def __init__(self, message: str, reason: str):
        super().__init__(message)
        self.reason = reason


def explained(
    error: BaseException, *, project: str | None, endpoint: str
) -> EarthEngineConnectionError:
    """Return the error to raise for one of the client's.

    Parameters
    ----------
    error : Exception
        What the client, the authentication library or the network raised.
    project : str or None
        The project that was asked for.
    endpoint : str
        The URL that was asked.
    """
    text = f"{type(error).__name__}: {error}"
    named = f" '{project}'" if project else ""
    for reason, pattern, cause, advice in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            what = cause.format(project=named, endpoint=endpoint)
            message = (
                f"Cannot connect to Earth Engine: {what}.\n{advice}\n(The answer was: {error})"
            )
            return EarthEngineConnectionError(message, reason)
    return EarthEngineConnectionError(
        f"Cannot connect to Earth Engine at {endpoint}: {error}\nIf the message does not say what "
        f"to do, check the project{named} at {_REGISTER} and run `earthengine authenticate`.",
        "unknown",
    )
