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
    _text("totp_secret"),
    _flag("totp_on"),
    _int("totp_used"),
    _text("oidc_subject"),
    _text("language"),
    *_made(),
)
"""`totp_used`: the newest time step whose code was accepted. `oidc_subject`: `issuer subject`, "" for none."""

grants = sa.Table(
    "grants",
    metadata,
    _ref("user_id", "users.id", key=True),
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("area", sa.String(64), primary_key=True),
    *_made(),
)
"""Who has which role in an area and in all below it; area "" is everywhere."""

invitations = sa.Table(
    "invitations",
    metadata,
    _id("token_hash"),
    _text("user_id"),
    _text("display_name"),
    _json("grants"),
    _int("expires_ms"),
    _int("used_ms"),
    _text("used_by"),
    *_made(),
)
"""One-time links by which a new person makes their own account, with `grants`: [[role, area], …]; or, with a
`user_id`, by which that person sets a new password."""

recovery_codes = sa.Table("recovery_codes", metadata, _id("code_hash"), _ref("user_id", "users.id"))
"""For a person who lost their second factor; each works once."""

sessions = sa.Table(
    "sessions",
    metadata,
    _id("token_hash"),
    _ref("user_id", "users.id"),
    _text("csrf_token"),
    _text("source"),
    _text("device"),
    _int("made_ms"),
    _int("seen_ms"),
)
"""`source`: the address it was opened from; `device`: the browser's name for itself."""

areas = sa.Table("areas", metadata, _id(), *_made())
"""The identity of each area; what it is called and where it lies is in its periods."""

area_periods = sa.Table(
    "area_periods",
    metadata,
    _ref("area", "areas.id", key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_until", sa.Date, nullable=True),
    _ref("parent", "areas.id", nullable=True),
    _text("name"),
    _text("kind"),
    _text("code"),
    _json("settings"),
    *_made(),
)
"""An area from … up to but not including …; the periods of one area do not overlap."""

area_successors = sa.Table(
    "area_successors",
    metadata,
    _ref("area", "areas.id", key=True),
    _ref("successor", "areas.id", key=True),
    sa.Column("day", sa.Date, nullable=False),
)
"""What became of an area that ended by a merge or a split, and when."""

holidays = sa.Table(
    "holidays",
    metadata,
    _ref("area", "areas.id", key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _text("name"),
    *_made(),
)
"""Days that staff of an area named themselves, beside the public holidays."""

readings = sa.Table(
    "readings",
    metadata,
    _ref("area", "areas.id", key=True),
    sa.Column("written", sa.Text, primary_key=True),
    _text("read"),
    *_made(),
)
"""How the stations of an area and of all below it read what is written so, beside what comes with the program."""

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
    _flag("revoked"),
    *_made(),
)
"""`revoked`: its box is believed no more, and the place waits for another."""

enrolments = sa.Table(
    "enrolments",
    metadata,
    _id(),
    _text("public_key"),
    _text("sealing_key"),
    _text("commitment"),
    _text("hostname"),
    _text("serial"),
    _text("agent_version"),
    _text("source"),
    _text("nonce"),
    _text("box_nonce"),
    _text("code"),
    _text("speaker"),
    _text("answer"),
    _text("decided_by"),
    _int("made_ms"),
    _int("expires_ms"),
    sa.Column("state", sa.String(16), nullable=False),
)
"""Boxes that ask to be taken in. `source`: the network it comes from; `code` "" until the box has revealed its
number; `answer`: what the accepted box gets, which nobody but it can read."""

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

speaker_groups = sa.Table(
    "speaker_groups", metadata, _id(), _text("name"), _ref("area", "areas.id"), _flag("retired"), *_made()
)
"""A named set of speakers, kept by the staff of `area`."""

group_members = sa.Table(
    "group_members", metadata, _ref("group_id", "speaker_groups.id", key=True), _ref("speaker", "speakers.id", key=True)
)

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

recordings = sa.Table(
    "recordings",
    metadata,
    _id(),
    _int("size_bytes"),
    _int("duration_ms"),
    _text("filename"),
    _text("title"),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("area", sa.String(64), nullable=True),
    _json("tags"),
    _text("language"),
    sa.Column("expires", sa.Date, nullable=True),
    sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
    _text("folded"),
    *_made(),
)
"""Sounds as they came, by the SHA-256 of their bytes. `duration_ms`: as decoded, 0 until that was done. `expires`: the
last day on which it is offered; null: for ever. `verdict`: of the checks on import; null: not checked. `area` and
`made_by`: who handed it in first."""

recording_holders = sa.Table(
    "recording_holders",
    metadata,
    _ref("recording", "recordings.id", key=True),
    sa.Column("area", sa.String(64), primary_key=True),
    sa.Column("who", sa.String(64), primary_key=True),
    _int("made_ms"),
)
"""Who has handed the same bytes in, and for which place ("": none); the first of them too."""

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
    sa.Column("area", sa.String(64), nullable=True),
    _int("version", 1),
    _int("edited_ms"),
    _text("edited_by"),
    _text("folded"),
    sa.Column("on_air", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("bed", sa.JSON(none_as_null=True), nullable=True),
    *_made(),
)
"""`text`: the script of all parts. `bed`: the music below them, {"recording", "level_cdb"}; null: none. `on_air`: the
content (title, text, clips) that was approved last, which is what the planner plans; null: none. `area`: whose bulletin
it is. `version` rises with each edit. `folded`: what is searched, without diacritics."""

bulletin_parts = sa.Table(
    "bulletin_parts",
    metadata,
    _ref("bulletin", "bulletins.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    _text("text"),
    _text("voice"),
    _text("second_voice"),
    _int("rate", 100),
    _int("pitch", 100),
    _text("language"),
    _ref("recording", "recordings.id", nullable=True),
    sa.Column("cuts", sa.JSON, nullable=False, server_default="[]"),
    _int("pause_ms"),
    _flag("bed"),
    _flag("denoise"),
)
"""What a bulletin is made of, in order. `cuts`: [[from_ms, until_ms], …], none: the whole. `bed`: music is under it.
`denoise`: the noise of its recording is reduced."""
sa.Index("ix_bulletin_parts_recording", bulletin_parts.c.recording)

programme_templates = sa.Table(
    "programme_templates",
    metadata,
    _id(),
    _text("name"),
    sa.Column("area", sa.String(64), nullable=True),
    _json("parts"),
    sa.Column("bed", sa.JSON(none_as_null=True), nullable=True),
    _flag("retired"),
    *_made(),
)
"""Programmes to begin bulletins from, kept by the staff of `area`; `parts` and `bed` as a bulletin has them."""

bulletin_clips = sa.Table(
    "bulletin_clips",
    metadata,
    _ref("bulletin", "bulletins.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    _ref("clip", "clips.id"),
)

station_voices = sa.Table(
    "station_voices",
    metadata,
    _ref("area", "areas.id", key=True),
    _text("voice"),
    _text("second_voice"),
    _int("rate", 100),
    _int("pitch", 100),
    *_made(),
)
"""Who reads the bulletins of an area, and of those below it, unless somebody chooses otherwise."""

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
    _int("part"),
    sa.Column("replaced", sa.JSON, nullable=False, server_default="[]"),
)
"""`part`: the number of the part that is being made, or that failed, from 1; -1: the music; 0: all of them. `replaced`:
[[label, code], …] of the voices that failed and were replaced by the default one."""

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
    sa.Column("series", sa.JSON, nullable=False, server_default="{}"),
    _int("version", 1),
    _text("approval"),
    _int("next_ms"),
    _flag("ended"),
    _int("ended_ms"),
    _text("ended_by"),
    *_made(),
)
"""`series`: times, repeats, gap, moved, replaced, skip_holidays, order. `approval`: the digest that was approved.
`next_ms`: beyond what is planned already it brings forth nothing that starts before. `ended`: nothing at all.
`ended_ms`: when a person ended it; 0 when it came to its own end."""

changes = sa.Table(
    "changes",
    metadata,
    _id(),
    _ref("bulletin", "bulletins.id"),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    _json("items"),
    _json("content"),
    _text("digest"),
    _flag("night"),
    _text("confirmed_by"),
    _int("confirmed_ms"),
    _text("decided_by"),
    _int("decided_ms"),
    _text("reason"),
    _flag("one_person"),
    *_made(),
)
"""What somebody asks to be approved: `items`: [{"schedule", "before", "after"}, …] (null: none); `content`: title,
clips and priority of the bulletin; `digest` covers both. `night` needs `confirmed_by`, a second person."""
sa.Index("ix_changes_bulletin", changes.c.bulletin)

approvals = sa.Table(
    "approvals",
    metadata,
    _id("digest"),
    sa.Column("schedule", sa.String(64), nullable=False),
    _ref("change", "changes.id"),
    _int("made_ms"),
    _text("made_by"),
)
"""Digests (of one schedule with its clips, title and places) that may be signed: what the signing gate asks.
A new schedule's digest is there before the schedule itself, which is planned, and so signed, as it is made."""
sa.Index("ix_approvals_schedule", approvals.c.schedule)

listenings = sa.Table(
    "listenings",
    metadata,
    _ref("user_id", "users.id", key=True),
    _ref("clip", "clips.id", key=True),
    _int("heard_ms"),
    _int("at_ms"),
)
"""How much of a clip a person has listened to, and when last."""

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    _id(),
    _ref("schedule", "schedules.id"),
    _ref("bulletin", "bulletins.id"),
    _text("title"),
    _text("occurrence"),
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
    _flag("superseded"),
    *_made(),
)
"""`occurrence`: the original local start, with `/2`, `/3` … for its repeats. `superseded`: taken back because the
schedule, its content or its places changed, not by a person."""
sa.Index("ix_broadcasts_schedule_start_ms", broadcasts.c.schedule, broadcasts.c.start_ms)
sa.Index("ix_broadcasts_bulletin_start_ms", broadcasts.c.bulletin, broadcasts.c.start_ms)

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
    _id("broadcast"),
    _id("speaker"),
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
    _int("ended_us"),
    _int("volume"),
    _int("loudness_clu", -7_000),
    sa.Column("levels_db", sa.JSON, nullable=False, server_default="[]"),
    _int("levels_step_s", 1),
    _text("microphone"),
    _int("microphone_cdb"),
)
"""What each speaker did with each broadcast; from `started_us` on as the box measured it at its output.

Without foreign keys: a province's week is a hundred thousand rows, and to lock and look up both ends of each by itself
took PostgreSQL three quarters of the time. Rows are made only of broadcasts and speakers that are there
(store/playbacks.py), and neither is ever deleted."""
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

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("n", BIG, primary_key=True, autoincrement=False),
    _int("at_ms"),
    _text("who"),
    _text("source"),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    _text("subject"),
    _text("before"),
    _text("after"),
    _text("previous"),
    _text("hash"),
)
"""Who did what; `before` and `after` are canonical JSON, `hash` covers the row and the hash of the one before it."""
sa.Index("ix_audit_subject", audit.c.subject)
