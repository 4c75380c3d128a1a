"""Questionnaires: asking, storing and showing them over time."""
