"""Let playbacks stand without foreign keys, which took most of the time of planning a province's week."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("playbacks", schema=None) as batch_op:
        batch_op.drop_constraint("fk_playbacks_broadcast_broadcasts", type_="foreignkey")
        batch_op.drop_constraint("fk_playbacks_speaker_speakers", type_="foreignkey")
