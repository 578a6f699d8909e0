"""Every table of the controller's database, as SQLAlchemy Core sees it (migrations/ makes them)."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""64 bits in both databases; SQLite counts up only a plain INTEGER by itself."""


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=True)


def _ref(name: str, to: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), sa.ForeignKey(to), nullable=nullable, primary_key=key)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _int(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False, server_default=str(default))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=False)


def _made() -> tuple[sa.Column[int], sa.Column[str]]:
    """When it was made and on whose behalf: what a later audit asks of every row that a person causes."""
    return _int("made_ms"), _text("made_by")


site = sa.Table("site", metadata, _id("name"), _text("value"))
"""Facts of the whole site: its id, epoch, the retained marker."""

users = sa.Table(
    "users",
    metadata,
    _id(),
    sa.Column("username", sa.String(64), nullable=False, unique=True),
    _text("display_name"),
    _text("password_hash"),
    _flag("must_change_password"),
    _flag("disabled"),
    *_made(),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _id("token_hash"),
    _ref("user_id", "users.id"),
    _text("csrf_token"),
    _int("made_ms"),
    _int("seen_ms"),
)

areas = sa.Table(
    "areas",
    metadata,
    _id(),
    _ref("parent", "areas.id", nullable=True),
    _text("name"),
    _text("kind"),
    _text("code"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date, nullable=True),
    _json("settings"),
    *_made(),
)

broker_users = sa.Table(
    "broker_users", metadata, _id("username"), sa.Column("role", sa.String(16), nullable=False), _text("password_hash")
)
"""Who may connect to the broker: role speaker or monitor; the hash as mosquitto's password file has it."""

speakers = sa.Table(
    "speakers",
    metadata,
    _id(),
    _text("name"),
    _text("public_key"),
    _flag("retired"),
    *_made(),
)

memberships = sa.Table(
    "memberships",
    metadata,
    _ref("speaker", "speakers.id", key=True),
    sa.Column("from_ms", BIG, primary_key=True, autoincrement=False),
    _int("until_ms"),
    _ref("area", "areas.id"),
)
"""Where a speaker is, from … until (0: open)."""

speaker_status = sa.Table(
    "speaker_status",
    metadata,
    _ref("speaker", "speakers.id", key=True),
    _flag("online"),
    _int("at_ms"),
    _int("seen_ms"),
    _int("online_since_ms"),
    _text("boot_id"),
    _text("payload"),
)
"""The newest status as it came; `seen_ms` is when it came, by our clock."""

clips = sa.Table(
    "clips",
    metadata,
    _id(),
    _int("size_bytes"),
    _int("duration_ms"),
    _int("loudness_cdb"),
    _int("true_peak_cdb"),
    _text("index_sha256"),
    _text("index_payload"),
    _int("made_ms"),
)

bulletins = sa.Table(
    "bulletins",
    metadata,
    _id(),
    _text("title"),
    _int("field", 1),
    _text("summary"),
    _text("author"),
    _text("source"),
    _text("language", "vi"),
    _int("priority", 3),
    sa.Column("state", sa.String(16), nullable=False),
    _text("text"),
    _text("spoken"),
    _text("filename"),
    _text("approved_by"),
    _int("approved_ms"),
    _flag("one_person"),
    *_made(),
)

bulletin_clips = sa.Table(
    "bulletin_clips",
    metadata,
    _ref("bulletin", "bulletins.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    _ref("clip", "clips.id"),
)

preparations = sa.Table(
    "preparations",
    metadata,
    _ref("bulletin", "bulletins.id", key=True),
    sa.Column("state", sa.String(16), nullable=False),
    _text("step"),
    _int("percent"),
    _text("error"),
    _text("error_code"),
    _text("upload"),
    _int("made_ms"),
)

schedules = sa.Table(
    "schedules",
    metadata,
    _id(),
    _ref("bulletin", "bulletins.id"),
    _text("local_start"),
    _text("time_zone"),
    _json("targets"),
    _int("priority", 3),
    _text("rrule"),
    _json("exceptions"),
    _int("volume", 80),
    sa.Column("rule", sa.String(16), nullable=False),
    _int("grace_ms"),
    _flag("ended"),
    _int("ended_ms"),
    _text("ended_by"),
    *_made(),
)
"""`ended`: brings forth nothing more. `ended_ms`: when a person ended it; 0 when it came to its own end."""

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    _id(),
    _ref("schedule", "schedules.id"),
    _ref("bulletin", "bulletins.id"),
    _text("title"),
    _int("priority", 3),
    sa.Column("start_ms", BIG, nullable=False, index=True),
    _int("latest_start_ms"),
    sa.Column("hard_end_ms", BIG, nullable=False, index=True),
    sa.Column("rule", sa.String(16), nullable=False),
    _int("volume"),
    _int("ord"),
    _json("clips"),
    _text("time_zone"),
    _json("areas"),
    _json("speakers"),
    _json("excluded"),
    _int("epoch", 1),
    _int("revision", 1),
    _flag("cancelled"),
    _flag("stopped"),
    *_made(),
)

broadcast_revisions = sa.Table(
    "broadcast_revisions",
    metadata,
    _ref("broadcast", "broadcasts.id", key=True),
    sa.Column("epoch", BIG, primary_key=True, autoincrement=False),
    sa.Column("revision", BIG, primary_key=True, autoincrement=False),
    _text("payload"),
    _text("sha256"),
    _int("expires_ms"),
    *_made(),
)
"""Every revision as it was sealed; `sha256` is of the canonical signed bytes."""

broadcast_routes = sa.Table(
    "broadcast_routes",
    metadata,
    _ref("broadcast", "broadcasts.id", key=True),
    sa.Column("route", sa.String(80), primary_key=True),
)
"""The union of the routes of all revisions: `areas/{id}` or `speakers/{id}`."""
sa.Index("ix_broadcast_routes_route", broadcast_routes.c.route)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("route", sa.String(80), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    _int("epoch", 1),
    _int("revision", 1),
    _text("entries_sha256"),
    _text("payload"),
    _int("expires_ms"),
)

configs = sa.Table(
    "configs",
    metadata,
    _ref("speaker", "speakers.id", key=True),
    _int("epoch", 1),
    _int("revision", 1),
    _text("content_sha256"),
    _text("payload"),
)

key_lists = sa.Table(
    "key_lists", metadata, sa.Column("version", BIG, primary_key=True, autoincrement=False), _text("payload")
)

playbacks = sa.Table(
    "playbacks",
    metadata,
    _ref("broadcast", "broadcasts.id", key=True),
    _ref("speaker", "speakers.id", key=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    _text("reason"),
    _text("detail"),
    _int("held_epoch"),
    _int("held_revision"),
    _int("have"),
    _int("total"),
    _int("started_us"),
    _int("start_error_us"),
    _int("heard_ms"),
    _int("content_ms"),
    _int("frames"),
    _int("underruns"),
    _int("level_cdb", -12_000),
    _int("moved_ms"),
)
sa.Index("ix_playbacks_speaker", playbacks.c.speaker)

playback_records = sa.Table(
    "playback_records",
    metadata,
    _ref("speaker", "speakers.id", key=True),
    sa.Column("store_id", sa.String(64), primary_key=True),
    sa.Column("n", BIG, primary_key=True, autoincrement=False),
    _text("payload"),
    _text("anomaly"),
    _int("received_ms"),
)
"""Every authentic record as it came; `anomaly` says why it moved nothing, "" when it did."""

record_stores = sa.Table(
    "record_stores",
    metadata,
    _ref("speaker", "speakers.id", key=True),
    sa.Column("store_id", sa.String(64), primary_key=True),
    _int("applied"),
)
"""Up to which record, contiguous, each box database has been taken in."""

aired_clips = sa.Table("aired_clips", metadata, _ref("clip", "clips.id", key=True), _int("used_ms"))
"""Clips whose chunks may stand on the broker now."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("topic", sa.String(200), nullable=False, index=True),
    _int("made_ms"),
)
"""Topics whose current document has yet to be published; `rank` 0 goes first."""
sa.Index("ix_outbox_rank_id", outbox.c.rank, outbox.c.id)

retained = sa.Table(
    "retained", metadata, sa.Column("topic", sa.String(200), primary_key=True), _int("expires_ms"), _int("sent_ms")
)
"""The ledger of what stands retained on the broker; `expires_ms` 0: never cleared by time."""
