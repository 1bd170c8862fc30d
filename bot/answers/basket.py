"""/basket: shipped baskets, and those of one's own: a server's, a workspace's or a channel's."""

import re

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import Known, age_text, find_symbol, known
from bot.cards.drawdown import window_text
from bot.cards.notices import footer, headline, members_table
from bot.cycle.begin import begin_all
from bot.cycle.facts import measured
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.basket import Basket
from bot.model.card import Card, Table
from bot.model.symbol import is_symbol
from bot.model.wording import count, listing
from bot.services import Request
from storage import ended, market, receivers, stories

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
MOST_MEMBERS = 40
# Of one owner: what is in a basket is watched for as long as the basket is there.
MOST_BASKETS = 25
LONGEST_TITLE = 80


async def list_baskets(request: Request) -> Card:
    """Every basket that this channel can name."""
    async with request.services.database.read() as connection:
        found = list((await known(connection, request)).baskets.values())
    whose = request.receiver.kind
    return Card(
        title=count(len(found), "basket"),
        text="Say /basket show NAME for what is in one and how it stands.",
        table=Table(
            columns=("basket", "stocks", "what it is"),
            rows=tuple(
                (b.name, str(len(b.members)), b.title + (f" (this {whose}'s)" if b.owner else ""))
                for b in found
            ),
            numeric=frozenset({1}),
        ),
        footer="Shipped with the program, or added here with /basket add",
        facts={
            "baskets": [
                {"basket": b.name, "members": list(b.members), "own": bool(b.owner)} for b in found
            ]
        },
    )


async def show(request: Request) -> Card:
    """What is in a basket, why, and how each member stands."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        item = names.basket(request.options["name"], request.receiver.owner)
        if item is None:
            every = listing(sorted({b.name for b in names.baskets.values()}))
            raise UserError(f"There is no basket {request.options['name']}; there are {every}.")
        board = await load_board(
            connection, [item.target], ["1y"], request.now, baskets=names.baskets
        )
    heading = f"{item.name}: {item.title}, {count(len(item.members), 'symbol')}"
    if not board.series(item.target).days:
        return Card(title=heading, text=f"{item.why}\n{', '.join(item.members)}\nNo prices yet.")
    facts = measured(board, item.target, "1y")
    lines = [item.why] if item.why else []
    if item.target != REFERENCE:
        lines.append(f"{headline(facts)}; window: {window_text('1y')}.")
    return Card(
        title=heading,
        text="\n".join(lines),
        table=members_table(facts["members"], rows=MOST_MEMBERS),
        footer=footer(facts) + age_text(request.now, board.final(item.target).days[-1]),
        facts={"basket": item.name, "members": list(item.members), **facts},
    )


async def add(request: Request) -> Card:
    """Make a basket of one's own, or change it."""
    name = str(request.options["name"]).lower()
    owner = request.receiver.owner
    if not _NAME.fullmatch(name):
        raise UserError(
            f'"{name}" cannot name a basket; use letters, digits and hyphens, such as my-chips.'
        )
    title = str(request.options.get("title") or f"the stocks of {name}")
    if len(title) > LONGEST_TITLE:
        raise UserError(
            f"A basket's title has at most {LONGEST_TITLE} letters; give a shorter one."
        )
    asked = dict.fromkeys(str(text).strip().upper() for text in request.options["symbols"])
    if not 2 <= len(asked) <= MOST_MEMBERS:
        raise UserError(f"A basket holds 2 to {MOST_MEMBERS} symbols; this has {len(asked)}.")
    await _look_up(request, name, list(asked))

    async def work(connection: AsyncConnection) -> Basket:
        names = await known(connection, request)
        _refuse_name(name, names, request)
        symbols = [find_symbol(symbol, names) for symbol in asked]
        item = Basket(name, title, tuple(symbols), owner=owner)
        if item.target in names.baskets:
            await _refuse_followed(connection, request, name, item.target)
        await market.put_basket(connection, item)
        return item

    item = await request.services.database.write(work)
    return Card(
        title=f"Basket {item.name} holds {listing(list(item.members))}",
        text=f"See it with /drawdown {item.name}; be told with /alert add {item.name}.",
        facts={"basket": item.name, "members": list(item.members)},
    )


async def _look_up(request: Request, name: str, symbols: list[str]) -> None:
    """Know symbols that nobody has asked for before. Raises UserError naming those unknown."""
    services = request.services
    async with services.database.read() as connection:
        names = await known(connection, request)
    _refuse_name(name, names, request)
    if services.quotes is None or not all(is_symbol(symbol) for symbol in symbols):
        return  # what cannot be looked up is refused by name
    unknown = await begin_all(services, symbols, request.now)
    if unknown:
        source = services.quotes.name
        raise UserError(
            f"{source} does not know {listing(unknown)}; write a symbol as {source} does, such as "
            "NVDA, BRK-B or ^GSPC."
        )


def _refuse_name(name: str, names: Known, request: Request) -> None:
    """Raise UserError where the name is taken, or there are as many baskets as there may be."""
    if name in names.baskets or name.upper() in names.symbols:
        raise UserError(f"{name} is taken by a shipped basket or symbol; choose another name.")
    own = {item.name for item in names.baskets.values() if item.owner}
    if name not in own and len(own) >= MOST_BASKETS:
        raise UserError(
            f"A {request.receiver.kind} has at most {MOST_BASKETS} baskets of its own; remove one "
            "first."
        )


async def remove(request: Request) -> Card:
    """Remove a basket of one's own."""
    name = str(request.options["name"]).lower()
    owner = request.receiver.owner

    async def work(connection: AsyncConnection) -> None:
        names = await known(connection, request)
        if f"{name}@{owner}" not in names.baskets:
            kind = "is shipped and stays" if name in names.baskets else "does not exist here"
            raise UserError(
                f"Basket {name} {kind}; /basket list shows this {request.receiver.kind}'s own."
            )
        await _refuse_followed(connection, request, name, f"{name}@{owner}")
        await market.remove_basket(connection, owner, name)

    await request.services.database.write(work)
    return Card(title=f"Basket {name} is removed", facts={"basket": name})


async def _refuse_followed(
    connection: AsyncConnection, request: Request, name: str, target: str
) -> None:
    """Raise UserError where an alert or a digest follows the basket, here or in a channel of the
    same community. What a channel has that was given up ends instead: nobody can end it there.
    """
    here = request.receiver
    for receiver in await receivers.fellows(connection, here):
        there = "" if receiver.address == here.address else f" in {receiver.title}"
        given_up = there and receiver.disabled_reason is not None
        for item in await receivers.subscriptions(connection, receiver.id):
            if given_up and target in (item.rule and item.rule.target, item.filters.get("target")):
                await ended.remove_subscription(connection, item.id)
                continue
            if item.rule is not None and item.rule.target == target:
                raise UserError(
                    f"Alert {item.id} follows {name}{there}; remove it first with "
                    f"/alert remove {item.id}{there}."
                )
            if item.filters.get("target") == target:
                raise UserError(
                    f"A digest{there} is of {name}; remove it first with "
                    f"/subscribe remove {item.id}{there}."
                )
        if given_up:
            await stories.close_unfollowed(connection, receiver.id, request.now)
