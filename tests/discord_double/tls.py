"""A throw-away certificate authority of one."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FOR = dt.timedelta(days=3650)
SIGN_AND_CERTIFY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Tls:
    """The server's context and, for clients, the certificate they must trust (`authority`, a PEM file)."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="loopback-discord-")
        self.authority = Path(self._folder.name) / "authority.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(key, hosts)
        self.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(self._key_and_certificate(key, certificate))

    def client(self) -> ssl.SSLContext:
        """A context that trusts this server and nobody else."""
        return ssl.create_default_context(cafile=str(self.authority))

    def close(self) -> None:
        self._folder.cleanup()

    def _key_and_certificate(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
        path = Path(self._folder.name) / "server.pem"
        path.touch(mode=0o600)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        return path


def _certificate(key: ec.EllipticCurvePrivateKey, hosts: tuple[str, ...]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback discord")])
    today = dt.datetime.now(dt.UTC)
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(SIGN_AND_CERTIFY, critical=True)
        .add_extension(identity, critical=False)
        .sign(key, hashes.SHA256())
    )
