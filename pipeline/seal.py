"""Members' words, unreadable without the key."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from pipeline.errors import Damaged, Refused

MARK = "sealed:"
"""How a sealed text begins; what does not was written before there was a key."""


class Seal:
    """Shuts and opens texts; without a key both leave them as they are."""

    def __init__(self, key: str = "") -> None:
        self._fernet = _fernet(key) if key else None

    @property
    def shuts(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def shut(self, text: str) -> str:
        """As it may lie on a disk; nothing stays nothing."""
        return MARK + self._fernet.encrypt(text.encode()).decode() if self._fernet and text else text

    def open(self, text: str) -> str:
        """The words again; raises Damaged `seal_broken` without the right key."""
        if not text.startswith(MARK):
            return text
        if self._fernet is None:
            raise Damaged("seal_broken")
        try:
            return self._fernet.decrypt(text.removeprefix(MARK).encode()).decode()
        except InvalidToken as error:
            raise Damaged("seal_broken") from error

    def shut_bytes(self, data: bytes) -> bytes:
        """The same for what is no text."""
        return MARK.encode() + self._fernet.encrypt(data) if self._fernet and data else data

    def open_bytes(self, data: bytes) -> bytes:
        """Raises as above."""
        if not data.startswith(MARK.encode()):
            return data
        return self._open_bytes(data.removeprefix(MARK.encode()))

    def _open_bytes(self, token: bytes) -> bytes:
        try:
            return self._fernet.decrypt(token) if self._fernet else _broken()
        except InvalidToken as error:
            raise Damaged("seal_broken") from error


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError as error:
        raise Refused("data_key_invalid") from error


def _broken() -> bytes:
    raise Damaged("seal_broken")
