"""Remember the voice of each station, and which voices were replaced while a bulletin was read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _big(name: str, default: int = 0) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, server_default=str(default), nullable=False)


def upgrade() -> None:
    op.create_table(
        "station_voices",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("voice", sa.Text(), server_default="", nullable=False),
        sa.Column("second_voice", sa.Text(), server_default="", nullable=False),
        _big("rate", 100),
        _big("pitch", 100),
        _big("made_ms"),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name=op.f("fk_station_voices_area_areas")),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_station_voices")),
    )
    op.add_column("preparations", sa.Column("replaced", sa.JSON(), server_default="[]", nullable=False))
