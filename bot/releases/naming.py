"""Does a name have a word that begins so? How people look for models. Pure."""

import re

# "GPT-4o" is GPT, 4 and o; "OpenAI" is Open and AI.
_WORDS = re.compile(r"[A-Z]+[^\W\dA-Z_]*|[^\W\dA-Z_]+|[\d.]+")


def starts_word(wanted: str, text: str) -> bool:
    """Whether a word of `text` begins with `wanted`; "r1" is in "DeepSeek-R1", not in "AR1".

    What is not written in Latin letters has no spaces to tell words by: it may stand anywhere.
    """
    if not wanted.isascii():
        return wanted.strip().lower() in text.lower()
    words = [word.lower() for word in _WORDS.findall(text)]
    plain = "".join(_WORDS.findall(wanted)).lower()
    return bool(plain) and any("".join(words[i:]).startswith(plain) for i in range(len(words)))
