"""Feeds over TLS: read where the certificate holds, and not otherwise."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp.connector
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import SourceError
from bot.releases import fetch
from bot.releases.fetch import Fetched
from tests.servers.feeds import serving

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for feeds.org that nobody has vouched for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "feeds.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("feeds.org")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "feeds.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _here(_host: str, _port: int, _family: int) -> list[tuple[int, str]]:
    return [(2, "127.0.0.1")]


async def test_a_feed_is_read_over_tls_only_where_its_certificate_holds(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)
    body = b"<rss>" + b"x" * 300_000
    async with serving(secure=secure) as server:
        server.put("/f", body)
        allowed = frozenset(f"{name}.org:{server.port}" for name in ("feeds", "other"))
        for trusted in (False, True):
            if trusted:
                trusting = ssl.create_default_context(cafile=certificate)
                monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
            async with fetch.session(allowed, look_up=_here) as session:
                url = f"https://feeds.org:{server.port}/f"
                if not trusted:
                    with pytest.raises(SourceError, match="its certificate is not valid"):
                        await fetch.get(session, url, own=True, now=NOW)
                    continue
                got = await fetch.get(session, url, own=True, now=NOW)
                assert isinstance(got, Fetched)
                assert got.body == body
                other = url.replace("feeds.org", "other.org")
                with pytest.raises(SourceError, match="its certificate is not valid"):
                    await fetch.get(session, other, own=True, now=NOW)
