"""Everything the box must remember over a power cut: believed documents, versions seen, playbacks, records."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Row

from edge_agent.database import open_or_begin
from edge_agent.ledger import KEEP_MS, Ledger, Playback
from edge_agent.leftovers import left_behind
from edge_agent.settings import Settings
from edge_agent.shelf import Shelf
from edge_agent.sounded import Sounded
from protocol.belief import Believed, Trust, addressed, good_signatures
from protocol.envelope import MAX_SIGNATURES, Envelope, open_envelope, seal, signed_bytes, with_signatures
from protocol.messages import BroadcastOrder, Config, Keys, Plan, PlaybackRecord
from protocol.versions import NEVER, Version
from schedules.units import BroadcastId, ClipId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Holding:
    """One broadcast as this box holds it: the newest believed order and how far it has come."""

    order: BroadcastOrder
    playback: Playback
    withdrawn: bool
    """The newest revision cancels it, or it no longer addresses this speaker."""
    doubted: bool = False
    """The key that signed it is no longer listed, and nobody has signed it anew."""


@dataclass(slots=True)
class _Memory:
    """What is read often, as the database has it.

    Of documents in `doubted` the versions do not count: what a stolen key signed must not stand in the way of what
    is true. Nothing old comes back by that, for the key that signed it is not believed any more.
    """

    versions: dict[str, Version] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    orders: dict[BroadcastId, BroadcastOrder] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    keys: Keys | None = None
    config: Config | None = None
    """A doubted one holds until there is a better: without any nothing would be for us."""
    doubted: set[str] = field(default_factory=set)
    epoch: int = 0

    def doubt(self, identities: Iterable[str]) -> None:
        for identity in identities:
            self.doubted.add(identity)
            self.versions.pop(identity, None)
            self.hashes.pop(identity, None)
            self.plans.pop(identity, None)

    def remember(self, identity: str, message: object) -> None:
        match message:
            case Keys():
                self.keys = message
            case Config():
                self.config = message
            case Plan():
                self.plans[identity] = message
            case BroadcastOrder():
                self.orders[message.broadcast.id] = message


class Store:
    """The box's memory. Methods may be called from any thread; each change is on the disk when it returns."""

    def __init__(self, folder: Path, settings: Settings, now: UtcMs) -> None:
        self._settings = settings
        self.database, aside = open_or_begin(folder / "agent.sqlite3", str(now))
        self.began_anew = "" if aside is None else aside.name
        """Name under which a damaged database was kept, "" normally."""
        self.store_id = self._identity()
        self.ledger = Ledger(self.database, settings.speaker, self.store_id, self._seal)
        self.sounded = Sounded(self.database)
        self.shelf = Shelf(self.database)
        self._memory = _Memory()
        self.reload()

    @property
    def speaker(self) -> SpeakerId:
        return self._settings.speaker

    @property
    def keys(self) -> Keys | None:
        return self._memory.keys

    @property
    def keys_version(self) -> int:
        """Number of the key list that is held, 0 for none."""
        return self.keys.version if self.keys else 0

    @property
    def config(self) -> Config | None:
        return self._memory.config

    @property
    def epoch(self) -> int:
        """The highest epoch of any document believed."""
        return self._memory.epoch

    @property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(self._memory.plans.values())

    def close(self) -> None:
        self.database.close()

    def _identity(self) -> str:
        with self.database.transaction() as run:
            run.execute("INSERT OR IGNORE INTO meta VALUES ('store_id', ?)", (secrets.token_hex(8),))
            return str(run.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()["value"])

    def _seal(self, record: PlaybackRecord) -> bytes:
        return seal(signed_bytes(self._settings.site, record), self._settings.signing_key)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several changes as one; what memory holds follows the disk also when it fails."""
        try:
            with self.database.transaction():
                yield
        except BaseException:
            self.reload()
            raise

    def reload(self) -> None:
        """Read again what is kept in memory. Others see the old or the new, never a part; writers wait."""
        with self.database.held():
            memory = _Memory()
            for row in self.database.rows("SELECT * FROM versions"):
                memory.versions[row["identity"]] = Version(row["epoch"], row["revision"])
                memory.hashes[row["identity"]] = row["sha256"]
            opened = {row["identity"]: _envelope(row) for row in self.database.rows("SELECT * FROM documents")}
            for identity, envelope in opened.items():
                memory.remember(identity, envelope.message)
            trust = self._trust(memory)
            signed = {identity: one for identity, one in opened.items() if not isinstance(one.message, Keys)}
            memory.doubt(identity for identity, one in signed.items() if not good_signatures(one, trust))
            memory.epoch = max((version.epoch for version in memory.versions.values()), default=0)
            self._memory = memory

    def trust(self) -> Trust:
        """What belief needs to know about this box."""
        return self._trust(self._memory)

    def _trust(self, memory: _Memory) -> Trust:
        return Trust(
            site=self._settings.site,
            speaker=self._settings.speaker,
            root_public=self._settings.root_public,
            keys=memory.keys,
            config=memory.config,
            versions=memory.versions,
            hashes=memory.hashes,
            epoch=memory.epoch,
        )

    def seen(self, identity: str) -> Version:
        return self._memory.versions.get(identity, NEVER)

    def seen_hash(self, identity: str) -> str:
        """SHA-256 of the `signed` part of the newest version seen, "" when there is none."""
        return self._memory.hashes.get(identity, "")

    def save(self, believed: Believed, topic: str, payload: bytes, now: UtcMs) -> None:
        """Keep a believed document and the version it brings."""
        message, version = believed.message, believed.version
        with self.transaction(), self.database.transaction() as run:
            run.execute(
                "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?)",
                (believed.identity, version.epoch, version.revision, believed.signed_sha256, now),
            )
            run.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
                (believed.identity, message.TYPE, topic, payload),
            )
            memory = self._memory
            memory.versions[believed.identity] = version
            memory.hashes[believed.identity] = believed.signed_sha256
            memory.doubted.discard(believed.identity)
            if version.epoch > memory.epoch:
                self.ledger.tell_again()
            memory.epoch = max(memory.epoch, version.epoch)
            memory.remember(believed.identity, message)
            if isinstance(message, Keys):
                self.reload()  # what is believed of everything else hangs on it

    def add_signatures(self, believed: Believed, payload: bytes, now: UtcMs) -> None:
        """The same document again: keep with it what others signed, for a key may be on its way out."""
        rows = self.database.rows("SELECT * FROM documents WHERE identity = ?", believed.identity)
        if not rows or rows[0]["payload"] == payload:
            return
        trust, kept, new = self.trust(), _envelope(rows[0]), open_envelope(payload)
        before = {each.key: each for each in good_signatures(kept, trust)}
        after = {**{each.key: each for each in good_signatures(new, trust)}, **before}
        if kept.signed == new.signed and after.keys() != before.keys():
            signatures = list(after.values())[:MAX_SIGNATURES]
            self.save(believed, rows[0]["topic"], with_signatures(kept.signed, signatures), now)

    def order(self, broadcast: BroadcastId) -> BroadcastOrder | None:
        return self._memory.orders.get(broadcast)

    def holding(self, playback: Playback) -> Holding | None:
        memory = self._memory
        order = memory.orders.get(playback.broadcast)
        if order is None:
            return None
        here = addressed(order, memory.config, self.speaker, order.broadcast.start)
        withdrawn = order.cancelled or not here or left_behind(order, memory.plans.values())
        return Holding(order, playback, withdrawn, self.doubts(playback.broadcast))

    def doubts(self, broadcast: BroadcastId) -> bool:
        """Nobody whose key is listed has signed the order that is held."""
        return f"broadcast:{broadcast}" in self._memory.doubted

    def live(self) -> list[Holding]:
        """All broadcasts whose playback is not final."""
        return [held for playback in self.ledger.live() if (held := self.holding(playback))]

    def recent(self, since: UtcMs, now: UtcMs, limit: int) -> list[Holding]:
        return [held for playback in self.ledger.recent(since, now, limit) if (held := self.holding(playback))]

    def first_time(self, command_id: str, expires: UtcMs, now: UtcMs) -> bool:
        """True once per command id, restarts included; ids are forgotten when they would be expired anyway."""
        with self.database.transaction() as run:
            run.execute("DELETE FROM commands WHERE expires_ms < ?", (now - 86_400_000,))
            done = run.execute("INSERT OR IGNORE INTO commands VALUES (?, ?)", (command_id, expires))
            return done.rowcount == 1

    def note(self, name: str, value: str) -> None:
        with self.database.transaction() as run:
            run.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def noted(self, name: str, default: str) -> str:
        rows = self.database.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else default

    def clips_in_use(self) -> set[ClipId]:
        """Clips of all broadcasts that may still sound here."""
        return {clip.id for held in self.live() for clip in held.order.broadcast.clips}

    def prune(self, now: UtcMs) -> None:
        """Forget what is over for longer than it must be kept."""
        self.sounded.prune(now)
        self.shelf.prune(now)
        with self.transaction(), self.database.transaction() as run:
            for broadcast in self.ledger.prune(now):
                identity = f"broadcast:{broadcast}"
                run.execute("DELETE FROM documents WHERE identity = ?", (identity,))
                run.execute("DELETE FROM versions WHERE identity = ?", (identity,))
            for identity, plan in tuple(self._memory.plans.items()):
                if plan.expires_ms < now:
                    run.execute("DELETE FROM documents WHERE identity = ?", (identity,))
            # By now a replay of such a plan is refused for its age.
            run.execute(
                "DELETE FROM versions WHERE identity LIKE 'plan:%' AND seen_ms < ?"
                " AND identity NOT IN (SELECT identity FROM documents)",
                (now - KEEP_MS,),
            )
        self.reload()


def _envelope(row: Row) -> Envelope:
    return open_envelope(row["payload"])


def folder_free_mib(folder: Path) -> int:
    """Free space for this process on the folder's disk, in MiB."""
    numbers = os.statvfs(folder)
    return numbers.f_bavail * numbers.f_frsize // 2**20
