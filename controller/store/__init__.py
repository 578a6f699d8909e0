"""The database: tables, units of work and repositories. Nothing outside sees a row."""
