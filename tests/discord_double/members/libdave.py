"""DAVE by libdave, Discord's own library."""

from __future__ import annotations

import dave

from tests.discord_double.members.lock import VERSION, CannotOpen


class LibdaveLock:
    """The same lock as davey's, made by other hands (the test extra dave-py)."""

    def __init__(self) -> None:
        self._session = dave.Session(self._failed)
        self._encryptor = dave.Encryptor()
        self._decryptors: dict[int, dave.Decryptor] = {}
        self._user_id = self._ssrc = 0
        self._sender = b""
        self._known: set[int] = set()
        self.ready = False
        self.failures: list[str] = []

    def begin(self, user_id: int, channel_id: int, ssrc: int) -> None:
        self._user_id, self._ssrc, self.ready = user_id, ssrc, False
        self._session.reset()
        self._session.init(VERSION, channel_id, str(user_id), None)
        self._encryptor.assign_ssrc_to_codec(ssrc, dave.Codec.opus)
        if self._sender:
            self._session.set_external_sender(self._sender)

    def external_sender(self, package: bytes) -> None:
        self._sender = package
        self._session.set_external_sender(package)

    def key_package(self) -> bytes:
        return bytes(self._session.get_marshalled_key_package() or b"")

    def proposals(self, body: bytes, present: list[int]) -> bytes | None:
        answer = self._session.process_proposals(body, {str(each) for each in present})
        return bytes(answer) if answer else None

    def commit(self, message: bytes) -> None:
        self._follow(self._session.process_commit(message))

    def welcome(self, message: bytes, present: list[int]) -> None:
        self._follow(self._session.process_welcome(message, {str(each) for each in present}))

    def encrypt(self, frame: bytes) -> bytes:
        return bytes(self._encryptor.encrypt(dave.MediaType.audio, self._ssrc, frame) or b"")

    def decrypt(self, sender_id: int, frame: bytes) -> bytes:
        decryptor = self._decryptors.get(sender_id)
        opened = decryptor.decrypt(dave.MediaType.audio, frame) if decryptor else None
        if opened is None:
            raise CannotOpen(f"libdave opens nothing of {sender_id}")
        return bytes(opened)

    def _follow(self, roster: dict[int, list[int]] | dave.RejectType | None) -> None:
        """New keys for everybody in the group."""
        if not isinstance(roster, dict):
            raise ValueError(f"libdave refuses: {roster}")  # noqa: TRY004 - the message is at fault, no type
        self._encryptor.set_key_ratchet(self._session.get_key_ratchet(str(self._user_id)))
        self._known |= set(roster)  # a roster tells changes only
        for user_id in self._known:
            ratchet = self._session.get_key_ratchet(str(user_id)) if user_id != self._user_id else None
            if ratchet is not None:
                decryptor = self._decryptors.setdefault(user_id, dave.Decryptor())
                decryptor.transition_to_key_ratchet(ratchet)
        self.ready = True

    def _failed(self, source: str, reason: str) -> None:
        self.failures.append(f"{source}: {reason}")
