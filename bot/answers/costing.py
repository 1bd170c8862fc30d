"""What the answers about costs share: the ledger, and which model is meant by what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bot.costs.asked import moment_on, not_a_day, parse_day
from bot.costs.ledger import Ledger
from bot.costs.shipped import Alias, meanings, meant
from bot.errors import UserError
from bot.model.known import Model
from bot.model.rate import Key
from bot.model.wording import day, listing
from bot.priced import ledger_of
from bot.releases.matching import Named, match, near
from bot.releases.models import load_models
from bot.services import Request

MOST_OTHERS = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that was asked for.

    `typed` is what was typed where that is not its name, `others` what else it may have meant.
    `alias` says so where a moving name was given. `known` is what ships about it. `released_on` is
    None where its day is not known; `out` is False where it came after the moment that is asked of.
    """

    key: Key
    name: str
    lab_name: str
    released_on: date | None
    out: bool
    typed: str = ""
    others: tuple[str, ...] = ()
    alias: Alias | None = None
    known: Model | None = None


async def ledger(request: Request) -> Ledger:
    """Every price that is known: what ships, the catalogue, and what was observed since; as far as
    it was known at the moment that is asked of, where one is.
    """
    book = await ledger_of(request.services.database)
    return book if request.known_at is None else book.known_by(request.known_at)


def chosen(text: str, request: Request, book: Ledger) -> Chosen:
    """The model that is meant, though it came later; raises UserError where none is known.

    A name that a provider moves from model to model means what it meant at that moment. Of several
    that fit, those that were out by then are preferred, then those that are sold, then the newest.
    """
    now = request.now
    if alias := meant(text, now):
        return _chosen(alias.key, request, typed=text, alias=alias)
    if past := meanings(text):
        first, last = past[0], past[-1]
        if now < first.since:
            raise UserError(
                f"What {text} meant before {day(first.since.date())} is not known; give a later "
                "day, or the name of a model."
            )
        assert last.until is not None
        raise UserError(
            f"{text} has meant nothing since {day(last.until.date())}; it last stood for "
            f"{last.key[1]}."
        )
    names = _names(book)
    there = [one for one in names if _is_out((one.lab, one.name), book, now)]
    labs = request.services.releases.labs
    found = match(text, there, labs)
    if not (found.found and found.exact):
        # The very name of a model to come is meant before the beginning of another's.
        later = match(text, names, labs)
        if later.found and (later.exact or not found.found):
            found = later
    if not found.found:
        close = near(text, names)
        if close:
            raise UserError(f"No model {text} is known; did you mean {listing(close, 'or')}?")
        raise UserError(f"No model {text} is known; /releases search finds models by a word.")
    ranked = found.found if found.exact else _sold_first(found.found, book, now)
    first_, *rest = ranked
    others = tuple(one.name for one in rest)
    return _chosen(
        (first_.lab, first_.name), request, typed="" if found.exact else text, others=others
    )


def _chosen(
    key: Key,
    request: Request,
    *,
    typed: str = "",
    others: Sequence[str] = (),
    alias: Alias | None = None,
) -> Chosen:
    labs = request.services.releases.labs
    known = load_models().named(*key)
    released = known.released_on if known is not None else None
    out = released is None or datetime.combine(released, time(), UTC) <= request.now
    lab_name = labs[key[0]].name if key[0] in labs else key[0]
    return Chosen(key, key[1], lab_name, released, out, typed, tuple(others), alias, known)


def _sold_first(found: Sequence[Named], book: Ledger, at: datetime) -> list[Named]:
    """Of models that fit alike those that their lab sells, then those that anybody does; each in
    the order given. What only a catalogue knows of stands last.
    """

    def rank(one: Named) -> tuple[bool, int]:
        sellers = {quote.best.provider for quote in book.quotes((one.lab, one.name), at)}
        return one.released_on == date.min, 0 if one.lab in sellers else 1 if sellers else 2

    return sorted(found, key=rank)


def _names(book: Ledger) -> list[Named]:
    """Every model that something is known of, released or to come."""
    known = {(one.lab, one.name): one for one in load_models().models}
    names = [Named(one.lab, one.name, one.released_on, one.aliases) for one in known.values()]
    # Models that only a catalogue knows stand behind the others.
    return names + [Named(*key, date.min) for key in book.keys if key not in known]


def _is_out(key: Key, book: Ledger, at: datetime) -> bool:
    """Whether a model was out; one whose day is not known, from when its first price is told."""
    if key in book.released:
        return book.is_out(key, at)
    return any((rate.since or rate.observed_at) <= at for rate in book.of(key))


def moment_asked(on: str | None, now: datetime) -> datetime:
    """The moment that prices are asked for: the end of the day `on`, or now; raises UserError."""
    if on is None:
        return now
    asked = parse_day(on, now.date())
    if asked is None:
        raise not_a_day(on)
    return moment_on(asked, now)


def day_apart(
    names: Sequence[str], on: str | None, today: date
) -> tuple[Sequence[str], str | None]:
    """The names and the day, where that stands behind the last of them: "o3 on 1 Feb 2025"."""
    words = names[-1].split()
    if on is None:
        for at in range(len(words) - 1, 0, -1):
            if parse_day(" ".join(words[at:]), today) is None:
                continue
            kept = words[: at - 1] if words[at - 1].lower() == "on" else words[:at]
            if kept:
                return (*names[:-1], " ".join(kept)), " ".join(words[at:])
    return names, on


def meant_words(one: Chosen, on: date, *, others: bool = True) -> str:
    """How what was typed was read, where it was no name: "“gpt4o” is read as GPT-4o; …"; with what
    else it may have meant, if `others`.
    """
    if one.alias is not None:
        return f"{one.typed} meant {one.name} on {day(on)} ({one.alias.source})."
    if not one.typed:
        return ""
    named = one.others[:MOST_OTHERS] if others else ()
    left = len(one.others) - len(named) if others else 0
    also = f"; also of that name: {', '.join(named)} and {left} more" if left else ""
    if named and not left:
        also = f"; also of that name: {listing(list(named))}"
    return f"“{one.typed}” is read as {one.name}{also}."
