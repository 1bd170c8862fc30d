"""Prices of models as they were seen, and what became of them that was news."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them, empty: the first look at each source is silent."""
    op.create_table(
        "price_seen",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("lab", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("terms", sa.String(length=120), nullable=False),
        sa.Column("input", BIG, nullable=True),
        sa.Column("cached", BIG, nullable=True),
        sa.Column("output", BIG, nullable=True),
        sa.Column("first_seen_at", BIG, nullable=False),
        sa.Column("last_seen_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_seen")),
        sa.UniqueConstraint(
            "source",
            "provider",
            "named",
            "terms",
            "first_seen_at",
            name=op.f("uq_price_seen_source_provider_named_terms_first_seen_at"),
        ),
    )
    op.create_index(op.f("ix_price_seen_lab_model"), "price_seen", ["lab", "model"])
    op.create_index(op.f("ix_price_seen_ended_at"), "price_seen", ["ended_at"])
    op.create_table(
        "price_event",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lab", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("effective_at", BIG, nullable=False),
        sa.Column("found_at", BIG, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_price_event")),
    )
    op.create_index(op.f("ix_price_event_found_at"), "price_event", ["found_at"])
