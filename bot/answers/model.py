"""/model: all that is known of a model, or several side by side."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.costing import ledger
from bot.cards.dossier import Heard, dossier
from bot.cards.model import Dossier, model_card, models_card
from bot.costs.claims import trainings
from bot.costs.ledger import Ledger
from bot.errors import UserError
from bot.model.card import Card
from bot.model.release import Release
from bot.model.wording import day, listing
from bot.releases.matching import Named, match, near
from bot.releases.models import load_models
from bot.releases.sources import load_feeds
from bot.services import Request
from storage import releases, sightings

MOST_MODELS = 4
_Key = tuple[str, str]


async def model(request: Request) -> Card:
    """Everything known of one model; of several, a table."""
    asked = request.options["names"]
    if len(asked) > MOST_MODELS:
        raise UserError(f"At most {MOST_MODELS} models stand side by side; leave some out.")
    async with request.services.database.read() as connection:
        found = await releases.releases(connection, request.now)
        by_key = {_key(one.lab, one.model): one for one in reversed(found)}
        names = _names(request, by_key)
        chosen = [_chosen(text, names, request) for text in asked]
        book = await ledger(request)
        several = [await _dossier(connection, request, one, by_key, book) for one in chosen]
    unlike = list({(one.facts["lab"], one.name): one for one in several}.values())
    return model_card(unlike[0]) if len(unlike) == 1 else models_card(unlike)


def _key(lab: str, name: str) -> _Key:
    """A shipped model and a release are one where these are equal."""
    return lab, "".join(letter for letter in name.lower() if letter.isalnum() or letter == "+")


def _names(request: Request, by_key: Mapping[_Key, Release]) -> list[Named]:
    """What can be asked for up to now: releases, and models that something is known of."""
    names = {key: Named(one.lab, one.model, one.released_on) for key, one in by_key.items()}
    for one in load_models().models:
        key = _key(one.lab, one.name)
        if one.released_on > request.now.date():
            continue
        day_ = names[key].released_on if key in names else one.released_on
        name = names[key].name if key in names else one.name
        names[key] = Named(one.lab, name, day_, one.aliases)
    return list(names.values())


def _chosen(
    text: str, names: Sequence[Named], request: Request
) -> tuple[Named, str, tuple[str, ...]]:
    """The model that is meant, what was typed if that is not its name, and what else may be."""
    labs = request.services.releases.labs
    matched = match(text, names, labs)
    if not matched.found:
        close = near(text, names)
        if close:
            raise UserError(f"No model {text} is known; did you mean {listing(close, 'or')}?")
        raise UserError(
            f"No model {text} is known up to {day(request.now.date())}; /releases search finds "
            "models by a word of their name."
        )
    first, *rest = matched.found
    others = tuple(
        one.name if one.lab == first.lab else f"{one.name} ({_lab(one.lab, request)})"
        for one in rest
    )
    return first, "" if matched.exact else text, others


def _lab(key: str, request: Request) -> str:
    labs = request.services.releases.labs
    return labs[key].name if key in labs else key


async def _dossier(
    connection: AsyncConnection,
    request: Request,
    chosen: tuple[Named, str, tuple[str, ...]],
    by_key: Mapping[_Key, Release],
    book: Ledger,
) -> Dossier:
    named, asked, others = chosen
    release = by_key.get(_key(named.lab, named.name))
    heard: list[Heard] = []
    if release is not None:
        feeds = load_feeds()  # those of others' own choosing are not spoken of
        heard = [
            Heard(feeds[one.feed].title, one.seen_at.date(), one.url, one.given)
            for one in await sightings.of_release(connection, [release.key])
            if one.feed in feeds and one.seen_at <= request.now
        ]
    known = load_models().named(named.lab, named.name)
    key = (named.lab, known.name if known is not None else named.name)
    return dossier(
        _lab(named.lab, request),
        release,
        known,
        heard,
        request.now.date(),
        asked_for=asked,
        others=others,
        quoted=book.quote(key, request.now),
        training=next((one for one in trainings(request.now.date()) if one.key == key), None),
    )
