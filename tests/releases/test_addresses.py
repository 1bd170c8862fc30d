"""What may be fetched from: public addresses, written the usual way."""

import pytest

from bot.errors import SourceError
from bot.releases.addresses import read, refuse

_NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 100.100.100.200 127.0.0.1
127.255.255.254 169.254.1.1 169.254.169.254 168.63.129.16 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:0808:0808::1 3fff::1 4000::1 5f00::1
fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 febf::1 fec0::1 ff02::1
2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:a00:1
"""

_PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
169.253.255.255 172.15.255.255 172.32.0.0 192.167.255.255 198.17.255.255 198.20.0.0
223.255.255.255 2606:4700::6810:1 2a00:1450:4001:830::200e 2400:cb00::1 2620:0:860:2::1
"""


@pytest.mark.parametrize("ip", _NOT_PUBLIC.split())
def test_an_address_that_is_not_public_is_refused_with_its_reason(ip: str) -> None:
    reason = refuse(ip)
    assert reason is not None
    assert "is not public: " in reason


@pytest.mark.parametrize("ip", _PUBLIC.split())
def test_a_public_address_is_not_refused(ip: str) -> None:
    assert refuse(ip) is None


def test_reasons_say_what_is_there() -> None:
    assert refuse("127.0.0.1") == "127.0.0.1 is not public: this machine itself"
    assert (
        refuse("169.254.169.254")
        == "169.254.169.254 is not public: where a cloud keeps its secrets"
    )
    assert refuse("fe80::1%eth0") is not None
    assert refuse("no address") == "no address is no address"


REFUSED = [
    ("ftp://example.com/feed", "https:// or http://"),
    ("file:///etc/passwd", "https:// or http://"),
    ("gopher://example.com/", "https:// or http://"),
    ("javascript:alert(1)", "https:// or http://"),
    ("//example.com/feed", "https:// or http://"),
    ("example.com/feed", "https:// or http://"),
    ("", "https:// or http://"),
    ("http://", "names no host"),
    ("http:///feed", "names no host"),
    ("http://:80/", "names no host"),
    ("http://user:secret@example.com/", "carries a user name"),
    ("http://example.com@127.0.0.1/", "carries a user name"),
    ("http://@example.com/", "carries a user name"),
    ("http://example.com:8080/", "port 8080 is not read"),
    ("http://example.com:22/", "port 22 is not read"),
    ("http://example.com:0/", "is no port"),
    ("http://example.com:99999/", "is no port"),
    ("http://example.com:8o/", "is no port"),
    ("http://example.com:80:80/", "is no port"),
    ("http://example.com:８０/", "is no"),
    ("http://127.0.0.1/", "this machine itself"),
    ("http://127.0.0.1./", "odd spelling"),
    ("http://127.1/", "odd spelling"),
    ("http://0/", "odd spelling"),
    ("http://2130706433/", "odd spelling"),
    ("http://017700000001/", "odd spelling"),
    ("http://0x7f000001/", "odd spelling"),
    ("http://0X7F000001/", "odd spelling"),
    ("http://0x7f.0.0.0x1/", "odd spelling"),
    ("http://0177.0.0.1/", "odd spelling"),
    ("http://127.0.0.01/", "odd spelling"),
    ("http://127.0.0.256/", "odd spelling"),
    ("http://1.1.1.1.1/", "odd spelling"),
    ("http://example.0x7f/", "odd spelling"),
    ("http://00000000127.0.0.1/", "odd spelling"),
    ("http://①②⑦.⓪.⓪.①/", "odd spelling"),
    ("http://１２７.0.0.1/", "odd spelling"),
    ("http://127。0。0。1/", "odd spelling"),
    ("http://١٢٧.٠.٠.١/", "not a name that the network knows"),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "localhost is not a name on the public internet"),
    ("http://%31%32%37.0.0.1/", "percent"),
    ("http://127%2e0.0.1/", "percent"),
    ("http://[::1]/", "this machine itself"),
    ("http://[0:0:0:0:0:0:0:1]/", "this machine itself"),
    ("http://[::ffff:127.0.0.1]/", "older address"),
    ("http://[::ffff:7f00:1]/", "older address"),
    ("http://[::127.0.0.1]/", "older address"),
    ("http://[2002:7f00:1::]/", "older address"),
    ("http://[64:ff9b::7f00:1]/", "older address"),
    ("http://[fd00:ec2::254]/", "where a cloud keeps its secrets"),
    ("http://[fe80::1%25eth0]/", "is no"),
    ("http://[fe80::1]/", "link-local"),
    ("http://[::1/", "no web address"),
    ("http://[::1]x/", "no web address"),
    ("http://[127.0.0.1]/", "is no"),
    ("http://169.254.169.254/latest/meta-data/", "where a cloud keeps its secrets"),
    ("http://metadata.google.internal/", "not a name on the public internet"),
    ("http://localhost/", "not a name on the public internet"),
    ("http://LOCALHOST./", "not a name on the public internet"),
    ("http://a.localhost/", "not a name on the public internet"),
    ("http://printer.local/", "not a name on the public internet"),
    ("http://intranet/", "not a name on the public internet"),
    ("http://1.0.0.127.in-addr.arpa/", "not a name on the public internet"),
    ("http://example.com\\@127.0.0.1/", "backslash"),
    ("http://exam ple.com/", "space"),
    (" http://example.com/", "space"),
    ("http://example.com/\nHost: x", "space"),
    ("http://exam\tple.com/", "space"),
    ("http://exam\u200bple.com/", "not seen"),
    ("http://example.com/\u202efeed", "not seen"),
    ("http://example.com\x00.evil.com/", "not seen"),
    ("http://-example.com/", "no name of a host"),
    ("http://example..com/", "no name of a host"),
    ("http://exa$mple.com/", "no name of a host"),
    ("http://" + "a" * 64 + ".com/", "no name of a host"),
    ("http://example.com/" + "a" * 2000, "longer than 2,000"),
    ("http://example.com／feed", "no web address"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_a_hostile_address_is_refused_as_it_is_written(url: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(url, own=True)
    assert reason in str(caught.value)
    assert caught.value.refused


@pytest.mark.parametrize(
    ("url", "host", "port", "read_as"),
    [
        ("https://openai.com/news/rss.xml", "openai.com", 443, "https://openai.com/news/rss.xml"),
        ("HTTP://Example.COM:80/F?a=1#part", "example.com", 80, "http://example.com/F?a=1"),
        ("http://example.com:443/", "example.com", 443, "http://example.com:443/"),
        ("https://example.com.", "example.com", 443, "https://example.com"),
        ("https://bücher.de/f", "xn--bcher-kva.de", 443, "https://xn--bcher-kva.de/f"),
        ("https://例子.中国/", "xn--fsqu00a.xn--fiqs8s", 443, "https://xn--fsqu00a.xn--fiqs8s/"),
        ("http://8.8.8.8/feed", "8.8.8.8", 80, "http://8.8.8.8/feed"),
        ("http://[2606:4700::0:6810:1]/", "2606:4700::6810:1", 80, "http://[2606:4700::6810:1]/"),
        # What comes after # is no part of where it leads to.
        ("http://example.com:80#@127.0.0.1:80/", "example.com", 80, "http://example.com"),
    ],
)
def test_a_public_address_is_read_plainly(url: str, host: str, port: int, read_as: str) -> None:
    address = read(url, own=True)
    assert (address.host, address.port, address.url) == (host, port, read_as)


def test_only_exactly_what_is_allowed_may_be_near() -> None:
    allowed = frozenset(("127.0.0.1:8081", "proxy:3128", "[::1]:80"))
    for url in ("http://127.0.0.1:8081/x", "http://Proxy:3128/", "http://[::1]/"):
        assert read(url, own=True, allowed=allowed).place in allowed
    for url in ("http://127.0.0.1:8082/", "http://127.0.0.1/", "http://127.0.0.2:8081/",
                "http://a.proxy:3128/", "http://0177.0.0.1:8081/"):  # fmt: skip
        with pytest.raises(SourceError):
            read(url, own=True, allowed=allowed)


def test_a_shipped_address_may_be_near_but_not_odd() -> None:
    assert read("http://127.0.0.1:8081/", own=False).port == 8081
    for url in ("http://0x7f.1/", "http://a@b.com/", "ftp://b.com/"):
        with pytest.raises(SourceError):
            read(url, own=False)
