"""Slack: commands, buttons, Home tab and dialogs, by Bolt for Python."""
