"""Where Slack's requests and people's browsers go, below the address of the bot."""

EVENTS = "/slack/events"
INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
