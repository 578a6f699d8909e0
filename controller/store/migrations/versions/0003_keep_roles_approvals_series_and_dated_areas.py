"""Keep people's roles, approvals, series, dated areas, groups and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PERIOD = ("parent", "name", "kind", "code", "valid_from", "valid_until", "settings")


def _move_areas_into_periods() -> None:
    both = "made_ms, made_by"
    columns = ", ".join(_PERIOD)
    op.execute(f"INSERT INTO area_periods (area, {columns}, {both}) SELECT id, {columns}, {both} FROM areas")  # noqa: S608
    if op.get_bind().dialect.name == "sqlite":
        _make_areas_anew()
        return
    op.drop_constraint("fk_areas_parent_areas", "areas", type_="foreignkey")
    for column in _PERIOD:
        op.drop_column("areas", column)


def _make_areas_anew() -> None:
    """SQLite drops no column that a foreign key names: the table is made again, its references checked at the end."""
    op.execute("PRAGMA defer_foreign_keys=ON")
    op.execute("CREATE TABLE areas_kept AS SELECT id, made_ms, made_by FROM areas")
    op.drop_table("areas")
    op.create_table(
        "areas",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
    )
    op.execute("INSERT INTO areas (id, made_ms, made_by) SELECT id, made_ms, made_by FROM areas_kept")
    op.drop_table("areas_kept")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.Text(), server_default="", nullable=False),
        sa.Column("previous", sa.Text(), server_default="", nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_action"), ["action"], unique=False)
        batch_op.create_index("ix_audit_subject", ["subject"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Text(), server_default="", nullable=False),
        sa.Column("display_name", sa.Text(), server_default="", nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column(
            "expires_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("used_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("used_by", sa.Text(), server_default="", nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "area_periods",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_area_periods_area_areas")),
        sa.ForeignKeyConstraint(["parent"], ["areas.id"], name=op.f("fk_area_periods_parent_areas")),
        sa.PrimaryKeyConstraint("area", "valid_from", name=op.f("pk_area_periods")),
    )
    op.create_table(
        "area_successors",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_area_successors_area_areas")),
        sa.ForeignKeyConstraint(["successor"], ["areas.id"], name=op.f("fk_area_successors_successor_areas")),
        sa.PrimaryKeyConstraint("area", "successor", name=op.f("pk_area_successors")),
    )
    op.create_table(
        "grants",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "role", "area", name=op.f("pk_grants")),
    )
    op.create_table(
        "holidays",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_holidays_area_areas")),
        sa.PrimaryKeyConstraint("area", "day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "listenings",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("clip", sa.String(length=64), nullable=False),
        sa.Column("heard_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("at_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clips.id"], name=op.f("fk_listenings_clip_clips")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_listenings_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "clip", name=op.f("pk_listenings")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "speaker_groups",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_speaker_groups_area_areas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker_groups")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("bulletin", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("night", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "confirmed_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "decided_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("one_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["bulletin"], ["bulletins.id"], name=op.f("fk_changes_bulletin_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_bulletin", ["bulletin"], unique=False)
        batch_op.create_index(batch_op.f("ix_changes_state"), ["state"], unique=False)

    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("speaker", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["speaker_groups.id"], name=op.f("fk_group_members_group_id_speaker_groups")
        ),
        sa.ForeignKeyConstraint(["speaker"], ["speakers.id"], name=op.f("fk_group_members_speaker_speakers")),
        sa.PrimaryKeyConstraint("group_id", "speaker", name=op.f("pk_group_members")),
    )
    op.create_table(
        "approvals",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schedule", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_approvals_change_changes")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index("ix_approvals_schedule", ["schedule"], unique=False)

    _move_areas_into_periods()
    # Whoever was there before there were roles was the administrator.
    op.execute("INSERT INTO grants (user_id, role, area) SELECT id, 'administrator', '' FROM users")

    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("occurrence", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("superseded", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("ix_broadcasts_schedule_start_ms", ["schedule", "start_ms"], unique=False)
        batch_op.create_index("ix_broadcasts_bulletin_start_ms", ["bulletin", "start_ms"], unique=False)

    with op.batch_alter_table("bulletins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("area", sa.String(length=64), nullable=True))
        batch_op.add_column(
            sa.Column(
                "version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "edited_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
            )
        )
        batch_op.add_column(sa.Column("edited_by", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("folded", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("on_air", sa.JSON(), nullable=True))

    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(
            sa.Column(
                "version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
            )
        )
        batch_op.add_column(sa.Column("approval", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "next_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
            )
        )

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("device", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totp_secret", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("totp_on", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(
            sa.Column(
                "totp_used", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
            )
        )
        batch_op.add_column(sa.Column("oidc_subject", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("language", sa.Text(), server_default="", nullable=False))
