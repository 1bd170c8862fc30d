"""Live prices: what is held back, health of sources, valuations, people's controls."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.schema import Big, Day, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns; widen what now holds prices too."""
    op.create_table(
        "held_price",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("price", Big, nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_held_price")),
    )
    op.create_table(
        "market_event",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", Big, nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "day", "kind", name=op.f("pk_market_event")),
    )
    op.create_table(
        "valuation",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("period", sa.String(length=4), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("value", Big, nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "name", "period", "day", name=op.f("pk_valuation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_health",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("ok_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_health")),
    )
    op.create_table(
        "held_news",
        sa.Column("id", Big, nullable=False),
        sa.Column("receiver_id", Big, nullable=False),
        sa.Column("subscription_id", Big, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("held_by", sa.String(length=16), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_held_news_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_news")),
    )
    op.create_index(op.f("ix_held_news_until"), "held_news", ["until"])
    op.create_table(
        "decision",
        sa.Column("id", Big, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("receiver_id", Big, nullable=True),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_decision_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_target_at"), "decision", ["target", "at"])

    with op.batch_alter_table("receiver") as batch:
        batch.add_column(sa.Column("quiet_from", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("quiet_to", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("hourly_cap", sa.Integer(), nullable=True))
    with op.batch_alter_table("subscription") as batch:
        batch.add_column(sa.Column("expires_at", Instant(), nullable=True))
        batch.add_column(
            sa.Column("once", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("repeat_minutes", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("mention", sa.Text(), nullable=True))
        batch.add_column(sa.Column("next_at", Instant(), nullable=True))
    op.create_index(op.f("ix_subscription_next_at"), "subscription", ["next_at"])
    op.create_index(op.f("ix_subscription_expires_at"), "subscription", ["expires_at"])
    wide: dict[str, Any] = {"existing_type": sa.Integer(), "type_": Big, "existing_nullable": False}
    name: dict[str, Any] = {
        "existing_type": sa.String(length=8),
        "type_": sa.String(length=16),
        "existing_nullable": False,
    }
    with op.batch_alter_table("rule") as batch:
        batch.alter_column("window", **name)
        batch.alter_column("band", **wide)
    with op.batch_alter_table("reading") as batch:
        batch.alter_column("window", **name)
        batch.alter_column("value", existing_type=sa.Integer(), type_=Big, existing_nullable=True)
    with op.batch_alter_table("level_state") as batch:
        for column in ("level", "band", "next_at"):
            batch.alter_column(column, **wide)
    with op.batch_alter_table("alert") as batch:
        batch.alter_column("depth", **wide)
    with op.batch_alter_table("story") as batch:
        batch.alter_column("window", **name)
        batch.alter_column("level", **wide)
        batch.alter_column("told_level", **wide)
        batch.add_column(sa.Column("held_by", sa.String(length=16), nullable=True))
        batch.add_column(
            sa.Column(
                "topic", sa.String(length=16), nullable=False, server_default="drawdown"
            )
        )
