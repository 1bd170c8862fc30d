"""Values that completion offers where any may be typed, each with what it is."""

from collections.abc import Mapping

SPANS = {
    "1h": "an hour",
    "6h": "six hours",
    "1d": "a day",
    "3d": "three days",
    "1w": "a week",
    "30d": "thirty days",
}
QUIET = {"22:00-07:00": "at night", "18:00-09:00": "outside working hours", "off": "none"}
TIMES = {"08:00": "", "09:30": "", "16:30": "", "22:30": ""}
FIGURES: Mapping[str, Mapping[str, str]] = {
    "drawdown": {"5,10,20": "5%, 10% and 20% below the peak", "10": "10% below", "20,30": ""},
    "move": {"5": "5% in a day, up or down", "8": "8% in a day, up or down"},
    "pe-above": {"40": "forty times forward earnings"},
    "pe-below": {"20": "twenty times forward earnings"},
    "crowding": {"95": "higher than on 95% of days"},
    "volatility": {"95": "higher than on 95% of days"},
}
# Of /stress and /impact.
MULTIPLES = {"22": "about the S&P 500's in January 2025", "15": "", "18": "", "30": ""}
SESSIONS = {
    "0..5": "the first session after it and five more",
    "0..1": "the first session after it and one more",
    "0..20": "the first session after it and twenty more",
    "-1..10": "from the session before to ten after the first",
}
