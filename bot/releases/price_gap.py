"""How much less a new model asks than the leading ones of other labs on the day it came. Pure."""

from datetime import date
from statistics import median

from bot.releases.models import Models, Price

# Of so many times cheaper and more, people speak of another price.
STEPS = (10.0, 3.0)
_INPUT_PARTS = 3


def price_gap(models: Models, lab: str, name: str, day: date) -> float | None:
    """How many times its price the median of the other labs' leading models of the year costs: 27
    where they ask 27 times as much. Three parts input, one part output; None where not known.
    """
    model = models.named(lab, name)
    price = None if model is None else model.launch_price
    if price is None or price.since > day or not _blend(price):
        return None
    others = [_blend(one) for _model, one in models.leading(day, lab)]
    return median(others) / _blend(price) if others else None


def gap_class(gap: float | None) -> str | None:
    """ "at least 10 times cheaper", "3 to 10 times cheaper", "less than 3 times cheaper"; None
    where the gap is not known.
    """
    if gap is None:
        return None
    high, low = STEPS
    if gap >= high:
        return f"at least {high:g} times cheaper"
    return (
        f"{low:g} to {high:g} times cheaper" if gap >= low else f"less than {low:g} times cheaper"
    )


def _blend(price: Price) -> float:
    return (_INPUT_PARTS * price.input_mtok + price.output_mtok) / (_INPUT_PARTS + 1)
