"""The way out: HTTP to other people's servers, guarded, and mail."""
