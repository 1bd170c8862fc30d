"""The dearest training known → a card. Pure."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.cards.claim_words import at, dollars, estimated, footer, short, sure
from bot.cards.training_facts import Shown, model_facts
from bot.costs.claims import Claim, Quantity, Training, amount, reckoned
from bot.model.card import Card, Table


def dearest_card(ranked: Sequence[Training], on: date, given: Decimal | None) -> Card:
    """The models whose training is known to have cost most."""
    rows, told = [], []
    for one in ranked:
        cost, hours = one.best(Quantity.COST), one.best(Quantity.HOURS)
        claim, who = (cost, cost.claimed_by) if cost and not cost.partial else (hours, "by hours")
        value, at_rate = amount(one, given), reckoned(one, given)
        assert claim is not None
        assert value is not None
        how_sure = sure(claim)
        if claim is hours and at_rate is not None:
            who = f"hours × {at(at_rate.rate).split()[0]}"
            how_sure = "your rate" if at_rate.whose == "given" else "rate assumed"
        told.append(claim)
        rows.append((short(one.key[1]), dollars(value, 3, padded=True), who, how_sure))
    first = ranked[0]
    value = amount(first, given)
    assert value is not None
    return Card(
        title=f"The dearest training known: {first.key[1]}, {dollars(value, 3)}",
        text=(
            "The compute of the final training run, as claimed; research, failed runs and staff "
            "come on top and are not known. A lab that says nothing may have spent more."
        ),
        table=Table(
            ("model", "cost", "who says", "how sure"),
            tuple(rows),
            numeric=frozenset({1}),
            note=_note(told),
        ),
        footer=footer(told, on),
        facts={
            "as_of": on.isoformat(),
            "models": [
                model_facts(Shown(one.key[1], one.claims[0].released_on, True, one), given)
                for one in ranked
            ],
        },
    )


def _note(told: Sequence[Claim]) -> str:
    parts = []
    if any(claim.quantity is Quantity.HOURS for claim in told):
        parts.append("Where no cost is claimed, the hours at a rate")
    if any(estimated(claim) for claim in told):
        parts.append("Epoch AI's are estimates in 2023 dollars")
    return ". ".join([*parts, "/cost training and a name says more"])
