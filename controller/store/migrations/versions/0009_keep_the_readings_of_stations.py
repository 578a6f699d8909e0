"""Keep how a station reads what is written so."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("read", sa.Text(), server_default="", nullable=False),
        sa.Column("made_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_readings_area_areas")),
        sa.PrimaryKeyConstraint("area", "written", name=op.f("pk_readings")),
    )
