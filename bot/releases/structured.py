"""Lists of models: Hugging Face, OpenRouter, models.dev, and GitHub's releases. Pure.

Their entries are models, and `Entry.given` holds what the list says of one:

- Hugging Face: repo, org, pipeline, library, licence, tags, base_models, derived ("quantized",
  "finetune", "adapter", "merge" or ""), gated
- OpenRouter: slug, lab_name, model, alias, variant ("free", "thinking", … or ""), context,
  input_mtok, output_mtok, inputs, outputs, hugging_face, open_weights
- models.dev: slug, provider, lab_name, model, released, context, output, input_mtok, output_mtok,
  inputs, outputs, open_weights, reasoning, weights
- GitHub: repo, tag, name, prerelease

What is unknown is left out. Prices are dollars per million tokens.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind
from bot.releases.dates import read_date
from bot.releases.json_feed import said
from bot.releases.parsed import ENTRIES, Parsed
from bot.releases.text import ID, address, clean, cut, summary_of, title_of

# A row of a list under the name that it has there ("" where it has none).
Rows = Iterator[tuple[str, Any]]


def kind_of(data: Any) -> FeedKind | None:
    """Which list a JSON document is, seen from its shape; None where it is none of them."""
    if isinstance(data, list):
        first = data[0] if data and isinstance(data[0], dict) else {}
        if "tag_name" in first:
            return FeedKind.GITHUB
        return FeedKind.HUGGING_FACE if "modelId" in first or "createdAt" in first else None
    if not isinstance(data, dict) or not data:
        return None
    rows = data.get("data")
    if isinstance(rows, list):
        priced = not rows or (isinstance(rows[0], dict) and "pricing" in rows[0])
        return FeedKind.OPENROUTER if priced else None
    first = next(iter(data.values()))
    if isinstance(first, dict) and ("models" in first or "release_date" in first):
        return FeedKind.MODELS_DEV
    return None


def read_list(feed: Feed, data: Any, kind: FeedKind, notes: tuple[str, ...] = ()) -> Parsed:
    """The models of a list; raises where its shape is not that of `kind`.

    A row that is odd is left out, so that it hides none of the others.
    """
    rows, read, title, dialect = _LISTS[kind]
    entries, every, odd = [], 0, 0
    try:
        for name, row in rows(data):
            every += 1
            try:
                entry = read(feed, name, row)
            except (AttributeError, KeyError, TypeError, ValueError):
                odd += 1
            else:
                entries += [entry] if entry else []
    except (AttributeError, KeyError, TypeError):
        raise SourceError(f"JSON, but not in the shape of {dialect}") from None
    if every and odd == every:
        raise SourceError(f"JSON, but not in the shape of {dialect}")
    if odd:
        notes = (*notes, f"{odd:,} of {every:,} models cannot be read")
    if len(entries) > ENTRIES:
        notes = (*notes, f"only the first {ENTRIES:,} of {len(entries):,} models are read")
    return Parsed(tuple(entries[:ENTRIES]), feed.title or title, dialect, notes, kind)


def _plain_rows(data: Any) -> Rows:
    if not isinstance(data, list):
        raise TypeError
    return (("", row) for row in data)


def _hugging_face(feed: Feed, _name: str, row: Mapping[str, Any]) -> Entry | None:
    repo = said(row, "id") or said(row, "modelId")
    if not repo or row.get("private") is True:
        return None
    org, _, name = repo.rpartition("/")
    tags = [str(tag) for tag in row.get("tags") or () if isinstance(tag, str)][:60]
    licence = next((tag[8:] for tag in tags if tag.startswith("license:")), None)
    bases = [tag.removeprefix("base_model:") for tag in tags if tag.startswith("base_model:")]
    kinds = ("quantized", "finetune", "adapter", "merge")
    derived = next((k for k in kinds if any(b.startswith(k + ":") for b in bases)), "")
    return _entry(
        feed, repo, name, f"https://huggingface.co/{repo}", "",
        row.get("createdAt"),
        repo=repo, org=org, pipeline=said(row, "pipeline_tag"),
        library=said(row, "library_name"), licence=licence, derived=derived,
        base_models=sorted({base.rpartition(":")[2] for base in bases}),
        tags=tags, gated=bool(row.get("gated")) or None,
    )  # fmt: skip


def _openrouter(feed: Feed, _name: str, row: Mapping[str, Any]) -> Entry | None:
    id_, name = said(row, "id"), said(row, "name")
    if not id_:
        return None
    lab, colon, model = name.partition(": ")
    pricing, shape = row.get("pricing") or {}, row.get("architecture") or {}
    weights = said(row, "hugging_face_id")
    slug, _, variant = id_.partition(":")
    return _entry(
        feed, id_, name or id_, f"https://openrouter.ai/{slug.lstrip('~')}",
        said(row, "description"), row.get("created"),
        slug=said(row, "canonical_slug"), lab_name=lab if colon else "",
        model=clean(model if colon else name), variant=variant,
        # "~openai/gpt-latest" and "openrouter/auto" lead to models that have their own names.
        alias=(slug.startswith(("~", "openrouter/")) or slug.endswith("-latest")) or None,
        context=_whole(row.get("context_length")),
        input_mtok=_per_million(pricing.get("prompt")),
        output_mtok=_per_million(pricing.get("completion")),
        inputs=_words(shape.get("input_modalities")),
        outputs=_words(shape.get("output_modalities")),
        hugging_face=weights, open_weights=True if weights else None,
    )  # fmt: skip


def _models_dev_rows(data: Any) -> Rows:
    """Either of its lists: providers with their models, or models by name ("lab/model").

    Of providers only those that are labs, since everybody else resells the same models.
    """
    if all(isinstance(row, dict) and "models" not in row for row in data.values()):
        yield from data.items()
        return
    if not any(provider in data for provider in (*_FIRST_PARTY, _MIXED)):
        raise KeyError
    for provider in _FIRST_PARTY:
        for slug, row in ((data.get(provider) or {}).get("models") or {}).items():
            yield f"{provider}/{slug}", row
    for slug, row in ((data.get(_MIXED) or {}).get("models") or {}).items():
        if slug.startswith(_MIXED + "/"):
            yield slug, row


def _models_dev(feed: Feed, slug: str, row: Mapping[str, Any]) -> Entry | None:
    provider = slug.partition("/")[0]
    lab = _FIRST_PARTY.get(provider) or _ALSO.get(provider, provider)
    cost, limit = row.get("cost") or {}, row.get("limit") or {}
    modalities, name = row.get("modalities") or {}, said(row, "name") or slug
    weights = [said(w, "url") for w in row.get("weights") or () if isinstance(w, dict)]
    opened = row.get("open_weights")
    return _entry(
        feed, slug, name, f"https://models.dev/?search={slug.rpartition('/')[2]}", "",
        row.get("release_date"),
        slug=slug, provider=provider, lab_name=lab, model=clean(name),
        released=said(row, "release_date"), context=_whole(limit.get("context")),
        output=_whole(limit.get("output")), input_mtok=_price(cost.get("input")),
        output_mtok=_price(cost.get("output")), inputs=_words(modalities.get("input")),
        outputs=_words(modalities.get("output")),
        open_weights=opened if isinstance(opened, bool) else None,
        reasoning=row.get("reasoning") if isinstance(row.get("reasoning"), bool) else None,
        weights=[link for link in map(address, weights) if link],
    )  # fmt: skip


def _github(feed: Feed, _name: str, row: Mapping[str, Any]) -> Entry | None:
    if row.get("draft") is True:
        return None
    tag, name, link = said(row, "tag_name"), said(row, "name"), said(row, "html_url")
    repo = link.removeprefix("https://github.com/").partition("/releases/")[0]
    project = repo.rpartition("/")[2]
    # "v1.2.0" alone does not say of what.
    title = name if name and project.lower() in name.lower() else f"{project} {name or tag}"
    return _entry(
        feed, said(row, "node_id") or said(row, "id") or link, title, link,
        said(row, "body"), row.get("published_at") or row.get("created_at"),
        repo=repo, tag=tag, name=clean(name), prerelease=row.get("prerelease") is True or None,
    )  # fmt: skip


def of_github_atom(parsed: Parsed) -> Parsed:
    """The same from GitHub's Atom feed of a repository's releases, which says less."""
    entries = []
    for entry in parsed.entries:
        repo, _, tag = entry.url.removeprefix("https://github.com/").partition("/releases/tag/")
        project = repo.rpartition("/")[2]
        named = project.lower() in entry.title.lower()
        title = entry.title if named else f"{project} {entry.title or tag}".strip()
        entries.append(
            entry._replace(title=title, given={"repo": repo, "tag": tag, "name": entry.title})
        )
    return replace(
        parsed, entries=tuple(entries), dialect="GitHub's releases (Atom)", kind=FeedKind.GITHUB
    )


def _entry(
    feed: Feed, id_: str, title: str, url: str, summary: str, published: Any, **given: Any
) -> Entry:
    known = {name: value for name, value in given.items() if value not in (None, "", [], ())}
    return Entry(
        feed.key, cut(clean(id_), ID), title_of(title, markup=False), address(url),
        summary_of(summary), read_date(published), known,
    )  # fmt: skip


def _per_million(price: Any) -> float | None:
    """A price per token, written as text, per million; −1 means that it varies."""
    try:
        value = Decimal(str(price)) * 1_000_000
    except ArithmeticError:
        return None
    return float(value) if value.is_finite() and 0 <= value < 1_000_000 else None


def _price(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < 1_000_000 else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _words(value: Any) -> list[str]:
    return [clean(word)[:20] for word in value or () if isinstance(word, str)][:10]


_Read = Callable[[Feed, str, Mapping[str, Any]], Entry | None]
_LISTS: dict[FeedKind, tuple[Callable[[Any], Rows], _Read, str, str]] = {
    FeedKind.HUGGING_FACE: (
        _plain_rows, _hugging_face, "Hugging Face", "Hugging Face's list of models",
    ),
    FeedKind.OPENROUTER: (
        lambda data: _plain_rows(data["data"]), _openrouter,
        "OpenRouter", "OpenRouter's list of models",
    ),
    FeedKind.MODELS_DEV: (_models_dev_rows, _models_dev, "models.dev", "models.dev"),
    FeedKind.GITHUB: (_plain_rows, _github, "GitHub", "GitHub's list of releases"),
}  # fmt: skip

# Providers of models.dev that are the makers of what they offer, and their keys in labs.toml.
# Everybody else resells.
_FIRST_PARTY = {
    "openai": "openai", "anthropic": "anthropic", "google": "google", "xai": "xai",
    "deepseek": "deepseek", "alibaba": "alibaba", "moonshotai": "moonshot", "zai": "zai",
    "minimax": "minimax", "mistral": "mistral", "llama": "meta", "cohere": "cohere",
    "stepfun": "stepfun", "xiaomi": "xiaomi", "inception": "inception",
    "perplexity": "perplexity", "sakana": "sakana", "sarvam": "sarvam",
}  # fmt: skip
# Names that its other list has for labs.
_ALSO = {"zhipuai": "zai"}
# Offers models of others beside its own, which are named "nvidia/model".
_MIXED = "nvidia"
