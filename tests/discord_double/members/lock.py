"""A member's side of end-to-end encryption."""

from __future__ import annotations

from typing import Protocol

import davey

VERSION = 1


class CannotOpen(ValueError):
    """A frame that this member has no key for."""


class Lock(Protocol):
    """One member's DAVE session; two independent implementations of it keep the double honest."""

    @property
    def ready(self) -> bool:
        """Whether there is a group to encrypt for."""

    def begin(self, user_id: int, channel_id: int, ssrc: int) -> None:
        """Start, or start over."""

    def external_sender(self, package: bytes) -> None: ...

    def key_package(self) -> bytes: ...

    def proposals(self, body: bytes, present: list[int]) -> bytes | None:
        """Take up or drop proposals; gives a commit with its welcome when one is due."""

    def commit(self, message: bytes) -> None:
        """Follow another's commit, or one's own that won; ValueError when it cannot be followed."""

    def welcome(self, message: bytes, present: list[int]) -> None: ...

    def encrypt(self, frame: bytes) -> bytes: ...

    def decrypt(self, sender_id: int, frame: bytes) -> bytes:
        """The frame in the clear, or CannotOpen."""


class DaveyLock:
    """DAVE by davey, the library discord.py uses."""

    def __init__(self) -> None:
        self._session: davey.DaveSession | None = None
        self._sender = b""

    @property
    def ready(self) -> bool:
        return self._session is not None and self._session.ready

    def begin(self, user_id: int, channel_id: int, ssrc: int) -> None:
        if self._session is None:
            self._session = davey.DaveSession(VERSION, user_id, channel_id)
            return
        self._session.reinit(VERSION, user_id, channel_id)
        self._session.set_external_sender(self._sender)

    def external_sender(self, package: bytes) -> None:
        self._sender = package
        self._begun.set_external_sender(package)

    def key_package(self) -> bytes:
        return self._begun.get_serialized_key_package()

    def proposals(self, body: bytes, present: list[int]) -> bytes | None:
        kinds = davey.ProposalsOperationType
        kind = kinds.revoke if body[0] else kinds.append
        answer = self._begun.process_proposals(kind, body[1:], present)
        return answer.commit + (answer.welcome or b"") if answer else None

    def commit(self, message: bytes) -> None:
        self._begun.process_commit(message)

    def welcome(self, message: bytes, present: list[int]) -> None:
        self._begun.process_welcome(message)

    def encrypt(self, frame: bytes) -> bytes:
        return self._begun.encrypt_opus(frame)

    def decrypt(self, sender_id: int, frame: bytes) -> bytes:
        try:
            return self._begun.decrypt(sender_id, davey.MediaType.audio, frame)
        except ValueError as error:
            raise CannotOpen(str(error)) from error

    @property
    def _begun(self) -> davey.DaveSession:
        assert self._session is not None, "begin first"
        return self._session


class NoLock:
    """A stage, or a call of before: nothing is encrypted end to end."""

    ready = False

    def begin(self, user_id: int, channel_id: int, ssrc: int) -> None: ...

    def external_sender(self, package: bytes) -> None: ...

    def key_package(self) -> bytes:
        return b""

    def proposals(self, body: bytes, present: list[int]) -> bytes | None:
        return None

    def commit(self, message: bytes) -> None: ...

    def welcome(self, message: bytes, present: list[int]) -> None: ...

    def encrypt(self, frame: bytes) -> bytes:
        return frame

    def decrypt(self, sender_id: int, frame: bytes) -> bytes:
        return frame
