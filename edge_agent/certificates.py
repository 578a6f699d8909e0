"""Whose certificate a server must show: one that an authority vouches for, or exactly one by its fingerprint."""

import hashlib
import re
import ssl
from collections.abc import Callable

Tell = Callable[[str], None]
"""Hears in a sentence why a certificate is refused."""

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def read_fingerprint(text: str) -> str:
    """The SHA-256 of a certificate (DER) as 64 hex digits, of a text with or without colons; ValueError."""
    plain = text.replace(":", "").strip().lower()
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError("a fingerprint is 64 hex digits, as `openssl x509 -noout -fingerprint -sha256` prints them")
    return plain


def client_context(ca_file: str, fingerprint: str, tell: Tell) -> ssl.SSLContext:
    """For connections to one server. Nothing is sent before its certificate has been found right.

    `ca_file` "" trusts the system's authorities. With a fingerprint alone neither an authority nor the name is asked:
    it is that certificate or none. With both, both must hold.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    if fingerprint and not ca_file:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = _socket_class(fingerprint, tell)
    return context


def _socket_class(fingerprint: str, tell: Tell) -> type[ssl.SSLSocket]:
    class Checked(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            try:
                super().do_handshake(block)
                self._compare()
            except ssl.SSLCertVerificationError as error:
                tell(f"the server's certificate is refused: {error.verify_message}")
                self.close()
                raise

        def _compare(self) -> None:
            shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
            if fingerprint and shown != fingerprint:
                refused = ssl.SSLCertVerificationError()
                refused.verify_message = f"its fingerprint is {shown}, not {fingerprint}"
                raise refused

    return Checked
