"""Transport encryption between client and server."""

from __future__ import annotations

import nacl.bindings
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError

AES = "aead_aes256_gcm_rtpsize"
XCHACHA = "aead_xchacha20_poly1305_rtpsize"
MODES = (AES, XCHACHA)
COUNTER_BYTES = 4
NONCE_BYTES = {AES: 12, XCHACHA: 24}


class Tampered(ValueError):
    """A packet that does not open with its key."""


def seal(mode: str, key: bytes, header: bytes, body: bytes, count: int) -> bytes:
    """The sealed body with its counter behind it; `header` is authenticated, not hidden."""
    tail = count.to_bytes(COUNTER_BYTES, "big")
    nonce = tail.ljust(NONCE_BYTES[mode], b"\0")
    if mode == AES:
        return AESGCM(key).encrypt(nonce, body, header) + tail
    return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(body, header, nonce, key) + tail


def unseal(mode: str, key: bytes, header: bytes, sealed: bytes) -> bytes:
    """The body of a sealed packet, or Tampered."""
    body, nonce = sealed[:-COUNTER_BYTES], sealed[-COUNTER_BYTES:].ljust(NONCE_BYTES[mode], b"\0")
    try:
        if mode == AES:
            return AESGCM(key).decrypt(nonce, body, header)
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(body, header, nonce, key)
    except (InvalidTag, CryptoError, ValueError) as error:
        raise Tampered(mode) from error
