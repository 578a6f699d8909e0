"""Opaque random identifiers that can stand as one level of a topic (protocol.topics.checked_id)."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: nobody reads an l for a 1 when copying an id by hand."""


def new_id(prefix: str) -> str:
    """A new identifier: `prefix`, a hyphen and 60 random bits."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
