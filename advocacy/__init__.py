"""Advocacy: official content that employees are glad to share."""

__version__ = "0.1.0"
