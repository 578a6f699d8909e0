"""Keep recordings as they came, and make bulletins of parts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _int(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, _big(), server_default=str(default), nullable=False)


def upgrade() -> None:
    _make_recordings()
    op.add_column("bulletins", sa.Column("bed", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("preparations", _int("part"))
    op.create_table(
        "bulletin_parts",
        sa.Column("bulletin", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        *(_text(name) for name in ("text", "voice", "second_voice")),
        *(_int(name, 100) for name in ("rate", "pitch")),
        _text("language"),
        sa.Column("recording", sa.String(length=64), nullable=True),
        sa.Column("cuts", sa.JSON(), server_default="[]", nullable=False),
        _int("pause_ms"),
        sa.Column("bed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin"], ["bulletins.id"], name=op.f("fk_bulletin_parts_bulletin_bulletins")),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name=op.f("fk_bulletin_parts_recording_recordings")),
        sa.PrimaryKeyConstraint("bulletin", "position", name=op.f("pk_bulletin_parts")),
    )
    op.create_index("ix_bulletin_parts_recording", "bulletin_parts", ["recording"])
    _divide_bulletins()


def _make_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=64), nullable=False),
        *(_int(name) for name in ("size_bytes", "duration_ms")),
        *(_text(name) for name in ("filename", "title")),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        _text("language"),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        _text("folded"),
        _int("made_ms"),
        _text("made_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    op.create_table(
        "recording_holders",
        sa.Column("recording", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        _int("made_ms"),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name=op.f("fk_recording_holders_recording_recordings")
        ),
        sa.PrimaryKeyConstraint("recording", "area", "who", name=op.f("pk_recording_holders")),
    )


def _divide_bulletins() -> None:
    """What was one text or one upload is that between the chimes; the upload itself was not kept then."""
    into = "INSERT INTO bulletin_parts (bulletin, position, kind, text, language)"
    for position, kind in ((0, "'chime'"), (2, "'closing'")):
        op.execute(f"{into} SELECT id, {position}, {kind}, '', '' FROM bulletins")  # noqa: S608  # our own words
    kind = "CASE WHEN text = '' THEN 'recording' ELSE 'text' END"
    op.execute(f"{into} SELECT id, 1, {kind}, text, language FROM bulletins")  # noqa: S608  # our own words
