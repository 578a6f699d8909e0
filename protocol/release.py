"""The version of LoaXã that both programs tell in their status; `pyproject.toml` reads it from here."""

VERSION = "0.1.0"
