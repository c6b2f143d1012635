"""Tests stay on this machine."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_test_cannot_reach_another_machine(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as stream, pytest.raises(OSError, match="may not talk to"):
        stream.connect(address)


def test_datagrams_stay_here_too() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as post, pytest.raises(OSError, match="may not talk to"):
        post.sendto(b"hello", ("192.0.2.1", 9))


def test_the_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as caller:
        caller.sendall(b"hello")
        with server.accept()[0] as answered:
            assert answered.recv(5) == b"hello"
