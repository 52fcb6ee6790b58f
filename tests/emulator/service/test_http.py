"""The HTTP front: any client, several at a time, and ill-mannered ones."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from gee_sm.emulator import Emulator, Limits, Server

FORTY_TWO = {"expression": {"result": "0", "values": {"0": {"constantValue": 42}}}}
VALUE = "/v1/projects/any/value:compute"
_CHUNKED = f"POST {VALUE} HTTP/1.1\r\nTransfer-Encoding: chunked".encode()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Address of a served emulator without a catalog."""
    with Emulator(limits=Limits(payload_bytes=10_000)) as emulator, Server(emulator) as server:
        yield server.url


def _raw(url: str, request: bytes) -> bytes:
    """Send bytes and return what comes back until the server closes."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_only_this_machine_is_served(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")


def test_one_connection_for_many_requests(url: str) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    for _ in range(3):
        connection.request("POST", VALUE, json.dumps(FORTY_TWO))
        assert json.loads(connection.getresponse().read()) == {"result": 42}
    connection.close()


def test_many_clients_at_a_time(url: str) -> None:
    def ask(_: int) -> int:
        return requests.post(url + VALUE, json=FORTY_TWO, timeout=30).json()["result"]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(64))) == [42] * 64


def test_pages_of_this_machine_may_ask(url: str) -> None:
    notebook = {"Origin": "http://localhost:8888"}
    answer = requests.options(url + VALUE, headers=notebook, timeout=20)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8888"
    assert "POST" in answer.headers["access-control-allow-methods"]
    answer = requests.post(url + VALUE, json=FORTY_TWO, headers=notebook, timeout=20)
    assert answer.json() == {"result": 42}


@pytest.mark.parametrize(
    "origin", ["https://a.page", "null", "http://localhost.a.page", "http://["]
)
def test_pages_from_elsewhere_may_not(url: str, origin: str) -> None:
    elsewhere = {"Origin": origin}
    answer = requests.post(url + VALUE, json=FORTY_TWO, headers=elsewhere, timeout=20)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    answer = requests.options(url + VALUE, headers=elsewhere, timeout=20)
    assert "access-control-allow-origin" not in answer.headers
    # What is fetched by a name that was given out may be shown anywhere.
    answer = requests.get(url + "/v1/projects/p/maps/x/tiles/0/0/0", headers=elsewhere, timeout=20)
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"


def test_unknown_paths_and_methods(url: str) -> None:
    answer = requests.get(url + "/v1/nothing", timeout=20)
    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"
    answer = requests.get(url + VALUE, timeout=20)
    assert answer.status_code == 405
    assert "POST" in answer.json()["error"]["message"]
    assert requests.head(url + "/v1/nothing", timeout=20).status_code == 404


def test_too_large_a_body_is_not_read(url: str) -> None:
    answer = _raw(
        url, f"POST {VALUE} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Request payload size exceeds the limit: 10000 bytes." in answer
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /v1/projects/p/value:compute HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (_CHUNKED + b"\r\n\r\nz\r\n", 400),
        (_CHUNKED + b"\r\n\r\n5\r\nab", 400),
        (_CHUNKED + b"\r\n\r\n5\r\nabcdefghij\r\n0\r\n\r\n", 400),
        (_CHUNKED + b"\r\n\r\nFFFFFF\r\nabcdefghij", 400),
        (_CHUNKED + b", gzip\r\n\r\n", 411),
        (b"POST /v1/projects/p/value:compute HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 411),
        (b"POST /v1/projects/p/value:compute HTTP/1.1\r\nContent-Length: x\r\n\r\n", 411),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"BREW /pot HTTP/1.1\r\n\r\n", 501),
        (b"\x00\x01\x02\r\n\r\n", 400),
    ],
)
def test_ill_mannered_clients(url: str, request_bytes: bytes, status: int) -> None:
    answer = _raw(url, request_bytes)
    assert str(status).encode() in answer[:200]
    assert b"Traceback" not in answer
    assert requests.post(url + VALUE, json=FORTY_TWO, timeout=20).json() == {"result": 42}


def test_client_that_leaves_does_no_harm(url: str) -> None:
    parts = urlsplit(url)
    for _ in range(5):
        connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
        body = json.dumps(FORTY_TWO).encode()
        head = f"POST {VALUE} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body[:10])
        connection.close()
    assert requests.post(url + VALUE, json=FORTY_TWO, timeout=20).json() == {"result": 42}


def test_port_that_is_taken(url: str) -> None:
    with Emulator() as emulator, pytest.raises(OSError, match="in use"):
        Server(emulator, port=int(url.rsplit(":", 1)[1]))


def test_closed_server_is_gone() -> None:
    with Emulator() as emulator:
        server = Server(emulator)
        server.close()
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=5)


def test_head_is_answered_as_get_without_a_body(url: str) -> None:
    discovery = url + "/$discovery/rest"
    head, whole = requests.head(discovery, timeout=20), requests.get(discovery, timeout=20)
    assert head.status_code == whole.status_code == 200
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert not head.content


def test_half_a_surrogate_pair_is_answered_as_an_escape(url: str) -> None:
    body = b'{"expression": {"result": "0", "values": {"0": {"constantValue": "\\ud800"}}}}'
    answer = requests.post(url + VALUE, data=body, timeout=20)
    assert answer.content == b'{"result":"\\ud800"}'


def test_client_that_breaks_off_leaves_no_trace(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = urlsplit(url)
    head = f"POST {VALUE} HTTP/1.1\r\nContent-Length: 500\r\n\r\n{{".encode()
    before = set(threading.enumerate())
    for sent in (head, b"GET / HTTP/1.1\r\n\r\n"):
        connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
        connection.sendall(sent)
        if sent is not head:
            connection.recv(100)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    # Connections are accepted in order, so those above have threads by now.
    assert requests.post(url + VALUE, json=FORTY_TWO, timeout=20).json() == {"result": 42}
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()
    assert capfd.readouterr().err == ""


def _pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def test_bodies_in_chunks(url: str) -> None:
    body = json.dumps(FORTY_TWO).encode()
    with requests.Session() as session:  # one connection: what is left over would spoil the next
        for size in (1, 7, 1000):
            answer = session.post(url + VALUE, data=_pieces(body, size), timeout=20)
            assert answer.json() == {"result": 42}
    with_trailer = _raw(url, _CHUNKED + b"\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert b"'expression' is required" in with_trailer
    answer = requests.post(url + VALUE, data=_pieces(b" " * 10_001, 5_000), timeout=20)
    assert answer.status_code == 400
    assert "exceeds the limit: 10000 bytes." in answer.json()["error"]["message"]


def test_compressed_bodies(url: str) -> None:
    packed = {"Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps(FORTY_TWO).encode())
    answer = requests.post(url + VALUE, data=body, headers=packed, timeout=20)
    assert answer.json() == {"result": 42}
    answer = requests.post(url + VALUE, data=_pieces(body, 9), headers=packed, timeout=20)
    assert answer.json() == {"result": 42}
    for broken, words in (
        (b"not gzip", "Invalid gzip payload"),
        (body[:-9], "cut off"),
        (gzip.compress(b" " * 10_000_000), "exceeds the limit: 10000 bytes."),
    ):
        assert len(broken) < 10_000 or words.startswith("exceeds")
        answer = requests.post(url + VALUE, data=broken, headers=packed, timeout=20)
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]
    other = {"Content-Encoding": "br"}
    assert requests.post(url + VALUE, data=body, headers=other, timeout=20).status_code == 415


def test_address_of_the_sixth_version() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Emulator() as emulator, Server(emulator, host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        answer = requests.post(server.url + VALUE, json=FORTY_TWO, timeout=20)
        assert answer.json() == {"result": 42}


@pytest.mark.parametrize(
    ("file_format", "extension"),
    [
        ("ZIPPED_GEO_TIFF", "zip"),
        ("ZIPPED_GEO_TIFF_PER_BAND", "zip"),
        ("GEO_TIFF", "tif"),
        ("NPY", "npy"),
        ("PNG", None),
    ],
)
def test_downloads_have_a_name(url: str, file_format: str, extension: str | None) -> None:
    image = {"functionName": "Image.constant", "arguments": {"value": {"constantValue": 1}}}
    request = {
        "expression": {"result": "0", "values": {"0": {"functionInvocationValue": image}}},
        "fileFormat": file_format,
        "filenamePrefix": 'my "map"',
        "grid": {"dimensions": {"width": 2, "height": 2}, "crsCode": "EPSG:4326"},
    }
    name = requests.post(url + "/v1/projects/any/thumbnails", json=request, timeout=20).json()
    answer = requests.get(f"{url}/v1/{name['name']}:getPixels", timeout=20)
    assert answer.status_code == 200
    expected = None if extension is None else f'attachment; filename="my _map_.{extension}"'
    assert answer.headers.get("content-disposition") == expected
