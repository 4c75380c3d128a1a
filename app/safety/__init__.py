"""Alerts: raised, seen, acted on, closed; and where to get help."""
