"""Keep of each playback its end, volume, loudness, line of levels, and what the microphone says."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _number(name: str, default: int = 0) -> sa.Column[int]:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, big, server_default=str(default), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("playbacks", schema=None) as batch_op:
        batch_op.add_column(_number("ended_us"))
        batch_op.add_column(_number("volume"))
        batch_op.add_column(_number("loudness_clu", -7_000))
        batch_op.add_column(sa.Column("levels_db", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(_number("levels_step_s", 1))
        batch_op.add_column(sa.Column("microphone", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(_number("microphone_cdb"))
