"""Let boxes enrol themselves, and take a box's credentials away."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("speakers", sa.Column("revoked", sa.Boolean(), server_default=sa.false(), nullable=False))
    asked = ("public_key", "sealing_key", "commitment", "hostname", "serial", "agent_version")
    texts = (*asked, "source", "nonce", "box_nonce", "code", "speaker", "answer", "decided_by")
    op.create_table(
        "enrolments",
        sa.Column("id", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in texts),
        *(sa.Column(name, _big(), server_default="0", nullable=False) for name in ("made_ms", "expires_ms")),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
