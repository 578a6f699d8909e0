"""The chain of key lists: which root may sign the next list, and when a list has to wait for those before it.

As in The Update Framework, a list may name a new root; then the root before it and the new one both sign it. A box
walks from the list it holds to the next, one by one, so that no root is believed that its forerunner did not name.
The first list that a box believes is one that its pinned root has signed.
"""

from collections.abc import Mapping

from protocol.envelope import Envelope
from protocol.judgement import Awaits, Deferred, Disbelieved, Refused
from protocol.keys import Role, key_id, verify
from protocol.messages import Keys


def roots_of(held: Keys | None, pinned: str) -> dict[str, str]:
    """Short name → public key of the roots that may sign the list after `held`; the pinned one while none is named."""
    named = {entry.key: entry.public for entry in (held.keys if held else ()) if entry.role == Role.ROOT}
    return named or {key_id(pinned): pinned}


def signed_by(opened: Envelope, publics: Mapping[str, str]) -> bool:
    """Whether one of the keys has signed it."""
    return any(
        verify(publics[signature.key], opened.signed, signature.sig)
        for signature in opened.signatures
        if signature.key in publics
    )


def broken_link(opened: Envelope, offered: Keys, held: Keys | None, pinned: str) -> Disbelieved | Deferred | None:
    """Why `offered` cannot follow `held`; None when it can, or when it is `held` itself or an older one."""
    roots = roots_of(held, pinned)
    known = roots.keys() & {signature.key for signature in opened.signatures}
    if known and not signed_by(opened, roots):
        return Disbelieved(Refused.SIGNATURE, "the signature is not of these bytes")
    if held is not None and offered.version > held.version + 1:
        return Deferred(Awaits.CHAIN, f"the key list {held.version + 1} comes first")
    if not known:
        return Disbelieved(Refused.KEY, "not signed by a root that the list before it names")
    return _unsigned_by_its_own(opened, offered, held)


def _unsigned_by_its_own(opened: Envelope, offered: Keys, held: Keys | None) -> Disbelieved | None:
    """A root that is named must have signed too: whoever names one proves that somebody holds it."""
    own = {entry.key: entry.public for entry in offered.keys if entry.role == Role.ROOT}
    if not own:
        named_before = held is not None and any(entry.role == Role.ROOT for entry in held.keys)
        return Disbelieved(Refused.KEY, "it names no root although the list before it does") if named_before else None
    if not own.keys() & {signature.key for signature in opened.signatures}:
        return Disbelieved(Refused.KEY, "the root that it names has not signed it")
    if not signed_by(opened, own):
        return Disbelieved(Refused.SIGNATURE, "the signature is not of these bytes")
    return None
