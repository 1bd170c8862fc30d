"""Symbols as Yahoo writes them."""

import re

from bot.errors import UserError

_SYMBOL = re.compile(r"\^?[A-Z0-9][A-Z0-9.=-]{0,14}")


def is_symbol(text: str) -> bool:
    """Whether `text` could be a symbol, such as NVDA, BRK-B or ^GSPC."""
    return _SYMBOL.fullmatch(text) is not None


def parse_symbol(text: str) -> str:
    """The symbol in upper case; raises UserError where it cannot be one."""
    symbol = text.strip().upper()
    if not is_symbol(symbol):
        raise UserError(
            f'"{text}" is not a symbol; write it as Yahoo does, such as NVDA, BRK-B or ^GSPC'
        )
    return symbol
