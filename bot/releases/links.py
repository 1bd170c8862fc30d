"""When two links lead to the same page. Pure."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

_TRACKING = re.compile(r"utm_|ref|source|from|fbclid|gclid|mc_|s$|t$|share")

_LISTINGS = frozenset(
    {"models", "news", "blog", "releases", "new-released", "release-notes", "changelog"}
    | {"updates", "research"}
)


@lru_cache(maxsize=8192)
def same_page(url: str) -> str:
    """A link without what does not change the page, for comparison only; "" for none.

    "http://www.Lab.ai/news/x/?utm_source=y#top" is "lab.ai/news/x".
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":443").removesuffix(":80")
    path = parts.path.rstrip("/,")
    if not host or not path:
        # A front page is no story.
        return ""
    kept = [(key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.match(key)]
    return host + path + (f"?{urlencode(sorted(kept))}" if kept else "")


def is_listing(url: str) -> bool:
    """Whether a link leads to a page of many announcements, as some feeds give for each of them."""
    end = same_page(url).partition("?")[0].rpartition("/")[2]
    return end in _LISTINGS
