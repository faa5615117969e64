"""The web: pages for people, an API for programs; no rule and no query of its own."""
