"""Links are fetched from the open internet alone."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from pipeline.errors import Refused
from pipeline.sources.fetch import allowed_by_robots, fetch, is_public

Site = Callable[[str], str]


def _loopback_too(address: str) -> bool:
    return address == "127.0.0.1" or is_public(address)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A web site on this machine, which only these tests may reach."""

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(400):
            await answer.write(b"x" * 65_536)
        return answer

    async def marked(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"7"':
            return web.Response(status=304)
        return web.Response(text="news", headers={"ETag": '"7"'})

    def to(place: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def moved(_request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": place})

        return moved

    async def bomb(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"0" * 8_000_000), headers={"Content-Encoding": "gzip"})

    async def rules(_request: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nDisallow: /closed")

    async def paid(_request: web.Request) -> web.Response:
        return web.Response(status=402)

    app = web.Application()
    app.router.add_get("/news", marked)
    app.router.add_get("/endless", endless)
    app.router.add_get("/bomb", bomb)
    app.router.add_get("/robots.txt", rules)
    app.router.add_get("/paid", paid)
    app.router.add_get("/inside", to("http://10.0.0.1/secret"))
    app.router.add_get("/inside6", to("http://[::ffff:192.168.0.1]/secret"))
    app.router.add_get("/named", to("http://0x7f.2/"))
    app.router.add_get("/file", to("file:///etc/passwd"))
    app.router.add_get("/round", to("/round"))
    app.router.add_get("/moved", to("/news"))
    runner = web.AppRunner(app)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    port = runner.addresses[0][1]
    yield lambda path: f"http://127.0.0.1:{port}{path}"
    await runner.cleanup()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "ff02::1"],
)  # fmt: skip
def test_private_addresses_of_both_families_are_known_however_wrapped(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::6810:84e5", "64:ff9b::808:808"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("link", ["http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://0x7f.1/"])
async def test_a_private_address_is_refused_by_number_and_by_name(link: str) -> None:
    with pytest.raises(Refused, match="link_private"):
        await fetch(link)


async def test_a_name_with_one_private_address_among_good_ones_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answers(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answers)
    with pytest.raises(Refused, match="link_private"):
        await fetch("http://rebinding.example/")


@pytest.mark.parametrize(
    ("path", "code"),
    [("/inside", "link_private"), ("/inside6", "link_private"), ("/named", "link_private"),
     ("/file", "link_invalid"), ("/round", "link_invalid"), ("/absent", "link_missing"),
     ("/paid", "link_closed"), ("/endless", "link_endless"),
     ("/bomb", "link_endless")],
)  # fmt: skip
async def test_each_hop_and_each_body_is_held_to_its_bounds(site: Site, path: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await fetch(site(path), allowed=_loopback_too, most_bytes=1_000_000)
    assert refused.value.code == code


async def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    first = await fetch(site("/moved"), allowed=_loopback_too)
    assert (first.data, first.etag) == (b"news", '"7"')
    again = await fetch(first.address, etag=first.etag, allowed=_loopback_too)
    assert not again.changed


async def test_a_site_says_what_programs_may_read(site: Site) -> None:
    assert await allowed_by_robots(site("/news"), _loopback_too)
    assert not await allowed_by_robots(site("/closed/1"), _loopback_too)
