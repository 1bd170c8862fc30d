"""The pages that somebody sees in a browser after installing the bot. Pure."""

from html import escape

from bot.model.wording import sentence

# What Slack's and Bolt's words for a failure mean, and what to do.
_WHY = {
    "access_denied": "it was not agreed to on Slack's page. Nothing has changed.",
    "invalid_browser": "it has to end in the browser in which it began, with cookies allowed.",
    "invalid_state": "this page was open for more than ten minutes, or was loaded before.",
    "missing_code": "Slack sent nothing to install with.",
    "invalid_code": (
        "Slack did not take it. If that happens again, ask whoever runs the bot to look into its "
        "log."
    ),
}
_OTHER = "Slack ended it. If that happens again, ask whoever runs the bot."


def installed(name: str) -> str:
    """The page that says that a workspace has the bot now."""
    return _page(
        f"Aftershock is installed in {name or 'your workspace'}",
        "In Slack, invite it to a channel with /invite @Aftershock, then type "
        "/aftershock setup there.",
    )


def not_installed(reason: str, install_path: str, said: str = "") -> str:
    """The page that says why not; `said` is a sentence of our own, in place of the reason's."""
    why = said or sentence(_WHY.get(reason, _OTHER))
    again = f'<a href="{escape(install_path)}">Begin again</a>'
    return _page("Aftershock was not installed", why, again)


def _page(title: str, text: str, more: str = "") -> str:
    """A whole page. `more` is HTML; the rest is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head>"
        '<body style="font-family: sans-serif; max-width: 36em; margin: 4em auto; '
        'padding: 0 1em; line-height: 1.5">'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
        f"{f'<p>{more}</p>' if more else ''}</body></html>"
    )
