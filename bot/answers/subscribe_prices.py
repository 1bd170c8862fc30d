"""/subscribe prices: cuts and rises, a new cheapest model, one far below the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.alert import role
from bot.answers.costing import Chosen, chosen, ledger
from bot.answers.releases import lab_key
from bot.answers.sharing import change
from bot.answers.subscribe import refuse_more
from bot.answers.targets import channel_of
from bot.costs.ledger import Ledger
from bot.costs.wanted import identity, wanted_text
from bot.errors import UserError
from bot.model.card import Card
from bot.model.wording import sentence
from bot.services import Request
from storage import receivers

KIND = "prices"


async def prices(request: Request) -> Card:
    """Tell this channel when what models cost changes."""
    labs = request.services.releases.labs
    models, options = await _read(request)
    filters: dict[str, Any] = {
        "percent": options["percent"],
        "newcomer": options["newcomer"],
    }
    if models:
        filters["models"] = [list(key) for key in dict.fromkeys(one.key for one in models)]
    if options.get("labs"):
        filters["labs"] = list(dict.fromkeys(lab_key(one, request) for one in options["labs"]))
    if options.get("parting"):
        filters["parting"] = options["parting"]
    mention = role(options.get("role"))
    what = wanted_text(filters, labs)

    async def work(connection: AsyncConnection) -> int:
        receiver = await channel_of(connection, request)
        present = await receivers.subscriptions(connection, receiver.id)
        for item in present:
            if item.kind == KIND and identity(item.filters) == identity(filters):
                raise UserError(
                    f"This channel is told of these prices already, as subscription {item.id}."
                )
        refuse_more(present)
        return await receivers.add_subscription(
            connection, receiver.id, request.now, kind=KIND, filters=filters, mention=mention
        )

    number = await change(request, work)
    called = f" Each mentions {mention}." if mention else ""
    return Card(
        title=f"Subscription {number}: {what}",
        text=f"{_said(models)}Told are list prices of the labs themselves, in USD per million "
        f"tokens; what changed before is not told.{called} End it with "
        f"/subscribe remove {number}.",
        facts={"number": number, "filters": filters, "mention": mention},
    )


async def _read(request: Request) -> tuple[list[Chosen], Mapping[str, Any]]:
    """The models that are named, and the options; raises UserError where a model is not known.

    Names have spaces: what was read as a lab and is none may be the rest of a model's name.
    """
    options = request.options
    names: Sequence[str] = options.get("models") or ()
    if not names:
        return [], options
    book = await ledger(request)
    whole = _whole(options, request)
    if whole is not None:
        try:
            found = [chosen(one, request, book) for one in whole]
        except UserError:  # it is the lab that is not known
            found = []
        if found:
            _refuse_number(whole[-1], options["percent"], request, book)
            return found, {**options, "labs": None}
    return [chosen(one, request, book) for one in names], options


def _refuse_number(name: str, percent: int, request: Request, book: Ledger) -> None:
    """Raise UserError where the percentage may be the rest of a name: "claude opus 5"."""
    numbered = f"{name} {percent}"
    try:
        exact = not chosen(numbered, request, book).typed
    except UserError:
        return
    if exact:
        raise UserError(
            f'{numbered} can be read in two ways; write models="{numbered}" for the model, or '
            f'models="{name}" percent={percent}.'
        )


def _whole(options: Mapping[str, Any], request: Request) -> list[str] | None:
    """The names, where the first "lab" is none but the rest of the last one; otherwise None."""
    models, labs = options["models"], options.get("labs") or ()
    if not labs:
        return None
    try:
        lab_key(labs[0], request)
    except UserError:
        return [*models[:-1], f"{models[-1]} {labs[0]}", *labs[1:]]
    return None


def _said(models: Sequence[Chosen]) -> str:
    """What names were taken for, where they are not the models' own."""
    taken = [
        f"by {one.typed} is meant {one.name}" + (" as of now" if one.alias else "")
        for one in models
        if one.typed and one.typed.lower() != one.name.lower()
    ]
    return f"{sentence('; '.join(taken))}. " if taken else ""
