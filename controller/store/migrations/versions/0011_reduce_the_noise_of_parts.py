"""Let the noise of a recorded part be reduced."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column("denoise", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("bulletin_parts", column)
