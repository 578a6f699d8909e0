"""Sign-in by the organisation's own provider (OpenID Connect, authorization code with PKCE): what is sent and believed.

Believed is an ID token that the provider signed with one of its published keys, for this client, for this attempt.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.common.security import generate_token  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from controller.rights import EVERYWHERE, Grant, Role
from controller.settings import BadSetting, Settings
from schedules.units import AreaId, UtcMs

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
"""Public keys only: with a shared secret anybody who reads our settings could make a token."""
TIMEOUT_S = 10.0
ATTEMPT_MS = 600_000
KNOWN_MS = 3_600_000
"""So long are the provider's addresses and keys believed before they are asked for again."""
LEEWAY_S = 60
MOST_ATTEMPTS = 1_000


class ProviderFailed(Exception):
    """The provider is not reached, or what it says is not to be believed; for the log."""


class BadMapping(ValueError):
    """LOAXA_OIDC_ROLES cannot be read."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`roles`: which rights each value of the claim gives. `claim`: its name, dots leading inside."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str
    roles: Mapping[str, tuple[Grant, ...]]
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the provider and back. `browser` is what the browser that began it must show again."""

    state: str
    browser: str
    nonce: str
    verifier: str
    wanted: str
    expires: UtcMs


def read_mapping(text: str) -> Mapping[str, tuple[Grant, ...]]:
    """ "staff=editor@dam-ha-06895; chiefs=administrator@*": a value of the claim may stand there several times."""
    found: dict[str, tuple[Grant, ...]] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        value, equals, right = part.rpartition("=")
        role, at, area = right.strip().partition("@")
        if not equals or not at or not value.strip() or not area or role not in Role.__members__.values():
            raise BadMapping(f"{part!r} is not value=role@area")
        place = EVERYWHERE if area == "*" else AreaId(area)
        found[value.strip()] = (*found.get(value.strip(), ()), Grant(Role(role), place))
    return found


def granted(claims: Mapping[str, Any], settings: OidcSettings) -> tuple[Grant, ...]:
    """The rights that the claims give."""
    value: Any = claims
    for part in settings.claim.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    given = (grant for each in values if isinstance(each, str) for grant in settings.roles.get(each, ()))
    return tuple(dict.fromkeys(given))


def provider_of(settings: Settings, now: Callable[[], UtcMs]) -> "Provider | None":
    """The provider that the settings name, None when they name none; raises BadSetting."""
    if not settings.oidc_issuer:
        return None
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and issuer.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise BadSetting("LOAXA_OIDC_ISSUER must begin with https://: what it says decides who comes in")
    if not settings.oidc_client_id:
        raise BadSetting("LOAXA_OIDC_CLIENT_ID must say this site's name at the provider")
    if not settings.public_url:
        raise BadSetting("LOAXA_PUBLIC_URL must say where the provider sends people back to")
    try:
        roles = read_mapping(settings.oidc_roles)
    except BadMapping as error:
        raise BadSetting(f"LOAXA_OIDC_ROLES: {error}") from error
    if not roles:
        raise BadSetting("LOAXA_OIDC_ROLES must say which values of the claim give which roles: nobody could work")
    told = OidcSettings(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_claim,
        roles,
        settings.oidc_name,
    )
    return Provider(told, now)


class Provider:
    """The provider as this site knows it. Safe for many threads."""

    def __init__(self, settings: OidcSettings, now: Callable[[], UtcMs]) -> None:
        self.settings, self._now = settings, now
        self._attempts: dict[str, Attempt] = {}
        self._lock = threading.Lock()
        self._metadata: tuple[UtcMs, Mapping[str, Any]] | None = None
        self._keys: tuple[UtcMs, KeySet] | None = None

    def begin(self, redirect: str, wanted: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what it must come back with."""
        attempt = Attempt(
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            generate_token(64),
            wanted,
            UtcMs(self._now() + ATTEMPT_MS),
        )
        address = self._told()["authorization_endpoint"]
        url = prepare_grant_uri(
            address,
            self.settings.client_id,
            "code",
            redirect,
            scope="openid profile email",
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        with self._lock:
            if len(self._attempts) >= MOST_ATTEMPTS:
                self._attempts = {key: each for key, each in self._attempts.items() if each.expires > self._now()}
                if len(self._attempts) >= MOST_ATTEMPTS:
                    self._attempts.pop(next(iter(self._attempts)))
            self._attempts[attempt.state] = attempt
        return str(url), attempt

    def finish(self, state: str, browser: str, code: str, redirect: str) -> tuple[Mapping[str, Any], Attempt]:
        """The claims of who came back; raises ProviderFailed."""
        with self._lock:
            attempt = self._attempts.pop(state, None)
        same = attempt is not None and secrets.compare_digest(attempt.browser.encode(), browser.encode())
        if attempt is None or attempt.expires < self._now() or not same:
            raise ProviderFailed("no such attempt in this browser")
        token = self._exchange(attempt, code, redirect)
        return self._believed(token, attempt), attempt

    def _exchange(self, attempt: Attempt, code: str, redirect: str) -> str:
        """The ID token for the code (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.settings.client_id,
            "code_verifier": attempt.verifier,
        }
        secret = self.settings.client_secret
        # RFC 6749, 2.3.1: both parts are form-encoded before they are put together.
        basic = httpx.BasicAuth(quote_plus(self.settings.client_id), quote_plus(secret)) if secret else None
        try:
            answer = httpx.post(self._told()["token_endpoint"], data=asked, auth=basic, timeout=TIMEOUT_S)
            told = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFailed(f"the token endpoint: {error}") from error
        token = told.get("id_token") if isinstance(told, dict) else None
        if not isinstance(token, str):
            raise ProviderFailed("the token endpoint gave no id_token")
        return token

    def _believed(self, token: str, attempt: Attempt) -> Mapping[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            now=self._now() // 1000,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        for fresh in (False, True):
            try:
                claims = jwt.decode(token, self._key_set(fresh=fresh), algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError) as error:
                if fresh:
                    raise ProviderFailed(f"the ID token: {error}") from error
                continue  # The provider may have changed its keys.
            break
        try:
            rules.validate(claims)
        except JoseError as error:
            raise ProviderFailed(f"the ID token: {error}") from error
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", self.settings.client_id if not several else None) != self.settings.client_id:
            raise ProviderFailed("the ID token is for another client")
        return claims

    def _told(self) -> Mapping[str, Any]:
        """The provider's description of itself (OpenID Connect Discovery 1.0)."""
        if self._metadata is None or self._metadata[0] < self._now():
            told = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if told.get("issuer") != self.settings.issuer or not all(
                isinstance(told.get(each), str) for each in wanted
            ):
                raise ProviderFailed("the provider describes itself as another issuer, or not whole")
            self._metadata = (UtcMs(self._now() + KNOWN_MS), told)
        return self._metadata[1]

    def _key_set(self, *, fresh: bool) -> KeySet:
        if fresh or self._keys is None or self._keys[0] < self._now():
            told = self._get(self._told()["jwks_uri"])
            try:
                keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise ProviderFailed(f"the provider's keys: {error}") from error
            self._keys = (UtcMs(self._now() + KNOWN_MS), keys)
        return self._keys[1]

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = httpx.get(address, timeout=TIMEOUT_S)
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFailed(f"{address}: {error}") from error
        if not isinstance(told, dict):
            raise ProviderFailed(f"{address}: not an object")
        return told
