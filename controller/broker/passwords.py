"""Broker passwords as mosquitto's password file keeps them: $7$iterations$salt$hash, PBKDF2-HMAC-SHA512."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 101
"""mosquitto's own default. It is enough because the passwords are 160 random bits, never chosen by people."""


def new_password() -> str:
    return secrets.token_urlsafe(20)


def hash_password(password: str) -> str:
    """The hash for mosquitto's password file and for the embedded broker alike."""
    salt = secrets.token_bytes(12)
    return _format(salt, ITERATIONS, _derive(password, salt, ITERATIONS))


def verify_password(password: str, hashed: str) -> bool:
    """Whether `password` has this hash; False for a hash of another form."""
    try:
        empty, kind, iterations, salt, digest = hashed.split("$")
        expected = base64.b64decode(digest, validate=True)
        derived = _derive(password, base64.b64decode(salt, validate=True), int(iterations))
    except ValueError:
        return False
    return (empty, kind) == ("", "7") and hmac.compare_digest(expected, derived)


def _derive(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, 64)


def _format(salt: bytes, iterations: int, digest: bytes) -> str:
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
