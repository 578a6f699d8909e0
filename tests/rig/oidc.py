"""A small OpenID Connect provider on a real socket: discovery, authorization code with PKCE, RS256; can misbehave."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.rig.ports import LOOPBACK, free_port

CLIENT, SECRET = "loaxa", "a secret of the provider and this site"


@cache
def a_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class OidcProvider:
    """`person` are the claims of who signs in next; `spoil` changes the claims of the next ID token."""

    issuer: str
    now_s: Callable[[], int]
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "person-1"})
    spoil: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=a_key)
    signing: Callable[["OidcProvider", dict[str, Any]], str] | None = None
    described_as: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.described_as or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Everybody is signed in at once; returns where the browser goes."""
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            raise ValueError("not our client, or no PKCE")
        if "openid" not in asked.get("scope", "").split():
            raise ValueError("no openid scope")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        if authorization != "Basic " + base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode():
            raise ValueError("wrong client secret")
        asked = self.codes.pop(given["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked["code_challenge"] != challenge.decode() or asked["redirect_uri"] != given["redirect_uri"]:
            raise ValueError("wrong verifier or redirect")
        now = self.now_s()
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.get("nonce")}
        token = (self.signing or signed)(self, claims | self.person | self.spoil)
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}


def signed(provider: OidcProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)


def signed_by_another(provider: OidcProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def signed_with_the_public_key_as_a_secret(provider: OidcProvider, claims: dict[str, Any]) -> str:
    """The old trick: HS256 with what everybody can read."""
    secret = OctKey.import_key(hashlib.sha256(provider.key.as_pem(private=False)).hexdigest())
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret)


def signed_by_nobody(_: OidcProvider, claims: dict[str, Any]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


@contextmanager
def oidc_provider(now_s: Callable[[], int]) -> Iterator[OidcProvider]:
    port = free_port()
    provider = OidcProvider(f"http://{LOOPBACK}:{port}", now_s)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            try:
                if split.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(dict(parse_qsl(split.query))))
                    self.end_headers()
                    return
                told = {"/.well-known/openid-configuration": provider.discovery, "/jwks": provider.jwks}[split.path]()
            except (KeyError, ValueError) as error:
                self._answer(400, {"error": str(error)})
            else:
                self._answer(200, told)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            try:
                self._answer(200, provider.token(given, self.headers.get("Authorization", "")))
            except (KeyError, ValueError) as error:
                provider.refusals.append(str(error))
                self._answer(400, {"error": "invalid_grant"})

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nobody reads along."""

    server = ThreadingHTTPServer((LOOPBACK, port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="provider")
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
