"""The bytes of a request: the address as it was signed, and nothing that ends a line too early."""

import pytest

from trading_platform_order.transport.http import HttpRequest
from trading_platform_order.transport.http1.request_text import (
    NotARequest,
    Server,
    origin_of,
    request_bytes,
    server_of,
)

SERVER = server_of("https://api.upbit.com")


def test_an_order_byte_by_byte() -> None:
    request = HttpRequest(
        method="POST",
        url="https://api.upbit.com/v1/orders?a=%3A&b=[x]",
        headers={"Authorization": "Bearer t"},
        body="{원}".encode(),
        label="never sent",
    )
    assert request_bytes(request, SERVER) == (
        b"POST /v1/orders?a=%3A&b=[x] HTTP/1.1\r\n"
        b"Host: api.upbit.com\r\n"
        b"User-Agent: trading-platform-order\r\n"
        b"Authorization: Bearer t\r\n"
        b"Content-Length: 5\r\n"
        b"\r\n" + "{원}".encode()
    )


@pytest.mark.parametrize(
    ("method", "tells"), [("GET", False), ("POST", True), ("PUT", True), ("DELETE", True)]
)
def test_who_could_have_a_body_tells_that_there_is_none(method: str, tells: bool) -> None:
    data = request_bytes(HttpRequest(method=method, url="https://api.upbit.com/"), SERVER)
    assert (b"Content-Length: 0\r\n" in data) == tells


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://a:8080/b/c?d=/e", "http://a:8080", "/b/c?d=/e"),
        ("https://a", "https://a", "/"),
        ("https://a?b=c", "https://a", "/?b=c"),
        ("https://a?b=/c", "https://a", "/?b=/c"),
        ("http://[::1]:80/x", "http://[::1]:80", "/x"),
    ],
)
def test_an_address_is_cut_where_its_path_begins(url: str, origin: str, target: str) -> None:
    assert origin_of(url) == origin
    data = request_bytes(HttpRequest(method="GET", url=url), server_of(origin))
    assert data.startswith(f"GET {target} HTTP/1.1\r\n".encode())


def test_servers() -> None:
    upbit = Server(
        origin="https://api.upbit.com",
        authority="api.upbit.com",
        host="api.upbit.com",
        port=443,
        is_tls=True,
    )
    assert upbit == SERVER
    assert server_of("http://127.0.0.1:8080").authority == "127.0.0.1:8080"
    assert server_of("https://a:443").authority == "a"
    local = server_of("http://[::1]:80")
    assert (local.host, local.authority, local.port) == ("::1", "[::1]", 80)


@pytest.mark.parametrize(
    "origin",
    [
        "ftp://a",
        "a",
        "https://",
        "https://user:secret@a",
        "https://a:secret",
        "https://a#secret",
        "",
    ],
)
def test_what_is_no_server(origin: str) -> None:
    with pytest.raises(NotARequest) as fault:
        server_of(origin)
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest(method="GET", url="https://api.upbit.com/a b"),
        HttpRequest(method="GET", url="https://api.upbit.com/a\r\nX: y"),
        HttpRequest(method="GET", url="https://api.upbit.com/원"),
        HttpRequest(method="HEAD", url="https://api.upbit.com/"),
        HttpRequest(method="get", url="https://api.upbit.com/"),
        HttpRequest(method="GET", url="https://api.upbit.com/", headers={"A": "b\r\nsecret: c"}),
        HttpRequest(method="GET", url="https://api.upbit.com/", headers={"A": "b\nsecret: c"}),
        HttpRequest(method="GET", url="https://api.upbit.com/", headers={"A": "b\rsecret: c"}),
        HttpRequest(method="GET", url="https://api.upbit.com/", headers={"A\r\nB": "secret"}),
        HttpRequest(method="GET", url="https://api.upbit.com/", headers={"A": "secret\0"}),
    ],
)
def test_what_cannot_be_written_down(request_: HttpRequest) -> None:
    with pytest.raises(NotARequest) as fault:
        request_bytes(request_, SERVER)
    assert "secret" not in str(fault.value)
