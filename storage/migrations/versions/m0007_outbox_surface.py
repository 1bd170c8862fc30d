"""The surface of a row of the outbox, so that a claim for one surface reads no row of another."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it, as the receivers of the rows have it."""
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(
            sa.Column("surface", sa.String(length=16), nullable=False, server_default="")
        )
    op.execute(
        "UPDATE outbox SET surface ="
        " (SELECT receiver.surface FROM receiver WHERE receiver.id = outbox.receiver_id)"
    )
    op.create_index(
        op.f("ix_outbox_surface_state_next_attempt_at"),
        "outbox",
        ["surface", "state", "next_attempt_at"],
    )
