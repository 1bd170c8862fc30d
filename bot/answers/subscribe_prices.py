"""/subscribe prices: cuts and rises, a new cheapest model, one far below the others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.alert import role
from bot.answers.costing import Chosen, chosen, ledger
from bot.answers.releases import lab_key
from bot.answers.sharing import change
from bot.answers.subscribe import refuse_more
from bot.answers.targets import channel_of
from bot.costs.wanted import identity, wanted_text
from bot.errors import UserError
from bot.model.card import Card
from bot.model.wording import sentence
from bot.services import Request
from storage import receivers

KIND = "prices"


async def prices(request: Request) -> Card:
    """Tell this channel when what models cost changes."""
    options, labs = request.options, request.services.releases.labs
    models = await _models(request)
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


async def _models(request: Request) -> list[Chosen]:
    """The models that are named; raises UserError where one is not known."""
    names: Sequence[str] = request.options.get("models") or ()
    if not names:
        return []
    book = await ledger(request)
    return [chosen(one, request, book) for one in names]


def _said(models: Sequence[Chosen]) -> str:
    """What names were taken for, where they are not the models' own."""
    taken = [
        f"by {one.typed} is meant {one.name}" + (" as of now" if one.alias else "")
        for one in models
        if one.typed and one.typed.lower() != one.name.lower()
    ]
    return f"{sentence('; '.join(taken))}. " if taken else ""
