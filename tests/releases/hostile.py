"""Bodies that hurt parsers, each made to be as bad as its size allows."""

HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'
TAIL = b"</channel></rss>"
ITEM = b"<item><title>Fjord-3</title><link>https://fjord.example/3</link></item>"


def filled(part: bytes, size: int, head: bytes = HEAD, tail: bytes = TAIL) -> bytes:
    """`part` over and over between a head and a tail."""
    return head + part * ((size - len(head) - len(tail)) // len(part)) + tail


def numbered(part: bytes, size: int) -> bytes:
    """`part` with a number in it, over and over."""
    return b"".join(part % n for n in range(size // (len(part) + 4)))


def _many(part: bytes, size: int) -> bytes:
    return HEAD + b"<item " + numbered(part, size) + b"/>" + TAIL


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "'
    + b"&a;" * 1000
    + b'">]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
)
FILE = (
    b'<?xml version="1.0"?><!-- a note --><!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<rss version="2.0"><channel><item><title>&f;</title></item></channel></rss>'
)


def bodies(size: int) -> dict[str, tuple[bytes, str]]:
    """What is refused, by name, and words that its refusal has to hold."""
    return {
        "attributes": (_many(b'a%d="" ', size), "attributes"),
        "attributes_in_single_quotes": (_many(b"a%d = '>' ", size), "attributes"),
        "namespaces": (_many(b'xmlns:a%d="u" ', size), "attributes|namespaces"),
        "prefixed": (_many(b'p:a%d="" ', size), "attributes"),
        "depth": (HEAD + b"<a>" * (size // 3), "nested too deeply|tags"),
        "elements": (filled(b"<a/>", max(size, 1_300_000)), "tags"),
        "entities": (BOMB, "DTD"),
        "file": (FILE, "DTD"),
        "comments": (b"<!---->" * (size // 7), "comments"),
        "unquoted": (HEAD + b"<item a=1>" + TAIL, "without quotes"),
        "ampersand": (HEAD + b"<item><title>R&D</title></item>" + TAIL, "&amp;"),
        "utf16_dtd": (BOMB.decode().replace("?>", ' encoding="utf-16"?>').encode("utf-16"), "DTD"),
        "nul": (filled(b"\0", size), "NUL"),
        "open_tags": (b"<rss><" * (size // 6), "begins no tag|tags"),
        "never_closed": (HEAD + b"<item><title>" + b"x" * size, "breaks off"),
        "comment": (b"<!--" + b"-" * size, "invalid"),
        "doctype_in_prolog": (b"<!-- x -->" * (size // 10) + b"<!DOCTYPE rss><rss/>", "comments"),
        "own_entity": (HEAD + b"<item><title>&nbsp;</title></item>" + TAIL, "entity"),
        "utf7": (b'<?xml version="1.0" encoding="utf-7"?><rss/>', "encoding"),
        "json_depth": (b"[" * size, "nested too deeply"),
        "json_number": (b'{"items": [' + b"1" * size + b"]}", "number"),
        "json_cut": (b'{"version": "https://jsonfeed.org/version/1", "items": [{', "breaks off"),
        "json_other": (b'{"hello": "world"}', "neither a JSON Feed"),
        "sitemap": (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "a sitemap"),
        "text": (b"404: Not Found", "neither XML nor JSON"),
        "nothing": (b"  \n ", "empty answer"),
        "page": (b"<!DOCTYPE html><html><body>Hi</body></html>", "a web page instead of a feed"),
        "bot_check": (
            b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
            "a bot check",
        ),
    }


def harmless(size: int) -> dict[str, bytes]:
    """What is large or odd and still a feed."""
    return {
        "items": filled(ITEM, size),
        "text": HEAD + b"<item><title>Fjord-3</title><description>" + b"word " * (size // 5)
        + b"</description></item>" + TAIL,
        "cdata": HEAD + b"<item><title>Fjord-3</title><description><![CDATA["
        + b'<p class="x">a</p><!DOCTYPE html>' * (size // 33) + b"]]></description></item>" + TAIL,
        "half_tags": HEAD + b"<item><title>Fjord-3 " + b"&lt;b " * (size // 6)
        + b"</title></item>" + TAIL,
        "spaces": HEAD + b"<item><title>" + b" " * size + b"Fjord-3</title></item>" + TAIL,
        "scripts": HEAD + b"<item><title>Fjord-3</title><description>"
        + b"&lt;script&gt;" * (size // 14) + b"</description></item>" + TAIL,
        "long_id": HEAD + b"<item><title>Fjord-3</title><guid>" + b"x" * size + b"</guid></item>"
        + TAIL,
        "categories": HEAD + b"<item><title>Fjord-3</title>"
        + b"<category/>" * (min(size, 3_000_000) // 11) + b"</item>" + TAIL,
    }  # fmt: skip
