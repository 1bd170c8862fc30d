"""Which addresses a feed may have: public ones, written the usual way. Pure; nothing is looked up.

Whoever adds a feed chooses where this program connects to, from inside the network that it runs
in. So what is not plainly public is refused: as written here, after the look-up and at connecting
in `resolver`. There are lists of what is refused and of what is not; an address on neither is not
public.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import idna

from bot.errors import SourceError

LONGEST = 2000
PORTS = (80, 443)

# Later ones are the narrower ones: the last that holds an address names it.
_V4 = [
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this machine itself"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's inner network"),
        ("127.0.0.0/8", "this machine itself"),
        ("169.254.0.0/16", "link-local"),
        ("169.254.169.254/32", "where a cloud keeps its secrets"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved for examples"),
        ("192.31.196.0/24", "reserved"),
        ("192.52.193.0/24", "reserved"),
        ("192.88.99.0/24", "a relay between kinds of address"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "reserved"),
        ("198.18.0.0/15", "reserved for measurements"),
        ("198.51.100.0/24", "reserved for examples"),
        ("203.0.113.0/24", "reserved for examples"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("255.255.255.255/32", "broadcast"),
        ("100.100.100.200/32", "where a cloud keeps its secrets"),
        ("168.63.129.16/32", "where a cloud keeps its secrets"),
    )
]
_V6 = [
    (ip_network(network), what)
    for network, what in (
        ("::/96", "an older address inside a newer one"),
        ("::/128", "this machine itself"),
        ("::1/128", "this machine itself"),
        ("::ffff:0:0/96", "an older address inside a newer one"),
        ("::ffff:0:0:0/96", "an older address inside a newer one"),
        ("64:ff9b::/96", "an older address inside a newer one"),
        ("64:ff9b:1::/48", "an older address inside a newer one"),
        ("100::/64", "reserved"),
        ("2001::/23", "reserved"),
        ("2001::/32", "an older address inside a newer one"),
        ("2001:db8::/32", "reserved for examples"),
        ("2002::/16", "an older address inside a newer one"),
        ("2620:4f:8000::/48", "reserved"),
        ("3fff::/20", "reserved for examples"),
        ("fc00::/7", "a private network"),
        ("fd00:ec2::254/128", "where a cloud keeps its secrets"),
        ("fd20:ce::254/128", "where a cloud keeps its secrets"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "multicast"),
    )
]
_GLOBAL_V6 = IPv6Network("2000::/3")

# Names that stand for something near, whatever a look-up says.
_NEAR = frozenset(
    (
        *("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp"),
        *("private", "arpa", "onion", "test", "invalid", "example", "alt"),
    )
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
# What C libraries take for a number: decimal, octal or hexadecimal, of any length.
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is: `host` in lower case and plain letters, `url` with that host."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """`host:port`, as an allowed place is written."""
        return place(self.host, self.port)


def place(host: str, port: int) -> str:
    """`host:port`, with brackets where the host is an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def refuse(ip: str | IPv4Address | IPv6Address) -> str | None:
    """Why nothing may be fetched from this address; None where it is a public one."""
    try:
        address = ip_address(ip)
    except ValueError:
        return f"{ip} is no address"
    known = _V4 if address.version == 4 else _V6
    named = [what for network, what in known if address in network]
    if named:
        return f"{address} is not public: {named[-1]}"
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL_V6:
            return f"{address} is not public: reserved"
        # An address made from an older one, such as 2a00::5efe:10.0.0.1.
        if address.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
            return f"{address} is not public: an older address inside a newer one"
    return None


@lru_cache(2048)  # the same few hundred addresses are read at each poll
def read(url: str, *, own: bool, allowed: frozenset[str] = frozenset()) -> Address:
    """The address that `url` means. Raises SourceError, `refused`, with the reason.

    `own` is True where somebody of a community chose it: then the host must be public and the
    port the usual one, unless exactly this `host:port` is `allowed`.
    """
    if len(url) > LONGEST:
        raise _refused(f"the address is longer than {LONGEST:,} characters")
    if any(ord(c) <= 0x20 or c == "\\" or unicodedata.category(c) in _UNSEEN for c in url):
        raise _refused("the address contains a space, a backslash or a character that is not seen")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _refused("this is no web address") from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise _refused("only addresses that begin with https:// or http:// are read")
    if "@" in parts.netloc:
        raise _refused("the address carries a user name; write it without")
    host, port = _split(parts.netloc, 443 if scheme == "https" else 80)
    host = _host(host)
    netloc = place(host, port) if port != (443 if scheme == "https" else 80) else (
        f"[{host}]" if ":" in host else host
    )  # fmt: skip
    address = Address(
        parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl(), scheme, host, port
    )
    if own and address.place not in allowed:
        if reason := _near(host):
            raise _refused(reason)
        if port not in PORTS:
            raise _refused(f"port {port} is not read; only 80 and 443 are")
    return address


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))


def _refused(reason: str) -> SourceError:
    return SourceError(reason, refused=True)


def _split(netloc: str, usual: int) -> tuple[str, int]:
    """Host and port as written; an IPv6 address keeps its brackets."""
    if netloc.startswith("["):
        host, closed, rest = netloc.partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise _refused("this is no web address")
        host, port = host + closed, rest[1:]
    else:
        host, _colon, port = netloc.partition(":")
    if not port:
        return host, usual
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise _refused(f"{port[:20]} is no port")
    return host, int(port)


def _host(written: str) -> str:
    """The host in plain small letters. Raises SourceError where it is spelled oddly."""
    if written.startswith("["):
        try:
            return IPv6Address(written[1:-1] if "%" not in written else "").compressed
        except ValueError:
            raise _refused(f"{written[:60]} is no address") from None
    if not written:
        raise _refused("the address names no host")
    if "%" in written:
        raise _refused("the host is written with percent signs; write it plainly")
    host = written.lower()
    if not written.isascii():
        try:
            host = idna.encode(written, uts46=True).decode("ascii").lower()
        except (UnicodeError, ValueError):  # idna's own errors are UnicodeErrors
            raise _refused("the host is not a name that the network knows") from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        quad = _QUAD.fullmatch(host) and all(int(label) < 256 for label in labels)
        if not (quad and written == host):
            raise _refused(f"{written[:60]} is an address in an odd spelling")
        return host
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(f"{written[:60]} is no name of a host")
    return host


def _near(host: str) -> str | None:
    """Why this host, as written, is not on the public internet; None where it may be."""
    if ":" in host or _QUAD.fullmatch(host):
        return refuse(host)
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] in _NEAR:
        return f"{host} is not a name on the public internet"
    return None
