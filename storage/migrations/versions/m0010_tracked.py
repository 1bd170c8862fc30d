"""Releases that are tracked: the sessions after them, and what studies of these found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add it, empty: what was released before is not tracked."""
    op.create_table(
        "tracked_event",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("released_on", sa.Integer(), nullable=False),
        sa.Column("zero", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("exposed", sa.JSON(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("due_at", BIG, nullable=True),
        sa.Column("studies", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tracked_event")),
    )
    op.create_index(op.f("ix_tracked_event_last"), "tracked_event", ["last"])
    op.create_index(op.f("ix_tracked_event_due_at"), "tracked_event", ["due_at"])
