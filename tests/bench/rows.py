"""Rows of the table: what was measured, beside what, and whether that will do."""

from dataclasses import dataclass

_WHAT, _VALUE, _BESIDE, _RATIO, _LIMIT = 44, 11, 34, 9, 9


@dataclass(frozen=True, slots=True)
class Row:
    """`value` as measured; `beside` the peer or the base, measured in the same run.

    `ratio` is of the two, where there are two; `limit` what will do. `met` is None where nothing
    is demanded.
    """

    what: str
    value: str
    beside: str = ""
    ratio: str = ""
    limit: str = ""
    met: bool | None = None

    def line(self) -> str:
        """The row as a line of the table."""
        said = {None: "", True: "met", False: "MISSED"}[self.met]
        cells = (
            self.what.ljust(_WHAT),
            self.value.rjust(_VALUE),
            f"  {self.beside}".ljust(_BESIDE),
            self.ratio.rjust(_RATIO),
            f"  {self.limit}".ljust(_LIMIT + 2),
            said,
        )
        return "".join(cells).rstrip()


HEAD = Row("", "measured", "peer or base", "ratio", "limit").line()


def at_most(what: str, value: float, most: float, unit: str = "", beside: str = "") -> Row:
    """A figure that must not be more than `most`; both in `unit`."""
    return Row(what, _figure(value, unit), beside, "", f"≤ {most:g}{unit}", value <= most)


def at_least(what: str, value: float, least: float, unit: str = "", beside: str = "") -> Row:
    """A figure that must not be less than `least`; both in `unit`."""
    return Row(what, _figure(value, unit), beside, "", f"≥ {least:g}{unit}", value >= least)


def none(what: str, count: int, beside: str = "") -> Row:
    """A count that must be zero."""
    return Row(what, f"{count:,}", beside, "", "0", count == 0)


def ratio_at_most(what: str, value: str, beside: str, ratio: float, most: float) -> Row:
    """A figure beside another; their ratio must not be more than `most`."""
    return Row(what, value, beside, f"{ratio:.2f}×", f"≤ {most:g}×", ratio <= most)


def ratio_at_least(what: str, value: str, beside: str, ratio: float, least: float) -> Row:
    """A figure beside another; their ratio must not be less than `least`."""
    return Row(what, value, beside, f"{ratio:,.0f}×", f"≥ {least:g}×", ratio >= least)


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{unit}"
