"""Workspaces' tokens, encrypted before they are stored."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import UserError

# Between the workspace and its token in what is encrypted; in neither of them.
_SEPARATOR = "\n"


def new_key() -> str:
    """A new key for the setting AFTERSHOCK_SLACK_KEY."""
    return Fernet.generate_key().decode()


class Vault:
    """Seals and opens tokens. A sealed one names its workspace, and opens for no other.

    `keys` are one or several, with commas in between: the first seals, all of them open, so that
    a new one can be put in front and the old one taken away later. Raises UserError for nonsense.
    """

    def __init__(self, keys: str) -> None:
        each = [key.strip() for key in keys.split(",")]
        try:
            ciphers = [Fernet(key) for key in each]
        except ValueError:  # the reason could show the key
            raise UserError(
                f"AFTERSHOCK_SLACK_KEY is {'no key' if len(each) == 1 else 'no list of keys'}; "
                "make one with aftershock slack-key, and write several with commas in between."
            ) from None
        self._newest, self._all = ciphers[0], MultiFernet(ciphers)

    def seal(self, team: str, token: str) -> str:
        """The token of a workspace as it may be stored."""
        return self._all.encrypt(f"{team}{_SEPARATOR}{token}".encode()).decode()

    def open(self, team: str, sealed: str) -> str | None:
        """The token; None where no key opens it, or it is another workspace's."""
        return _token(self._all, team, sealed)

    def is_current(self, team: str, sealed: str) -> bool:
        """Whether it was sealed with the first key."""
        return _token(self._newest, team, sealed) is not None


def _token(cipher: Fernet | MultiFernet, team: str, sealed: str) -> str | None:
    try:
        owner, _, token = cipher.decrypt(sealed.encode()).decode().partition(_SEPARATOR)
    except (InvalidToken, UnicodeError):
        return None
    return token if owner == team else None
