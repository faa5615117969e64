"""The database: one source of truth, on SQLite or PostgreSQL."""
