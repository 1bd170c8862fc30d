"""Feeds: where releases are heard of, what was seen there, and what was made of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them; the shipped feeds are put in at the next start."""
    op.create_table(
        "feed",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("voice", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lab", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=False, server_default=""),
        sa.Column("added_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False, server_default=""),
        sa.Column("modified", sa.Text(), nullable=False, server_default=""),
        sa.Column("seeded_at", BIG, nullable=True),
        sa.Column("next_at", BIG, nullable=False),
        sa.Column("ok_at", BIG, nullable=True),
        sa.Column("changed_at", BIG, nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", BIG, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.Column("off_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feed")),
    )
    op.create_index(op.f("ix_feed_owner"), "feed", ["owner"])
    op.create_index(op.f("ix_feed_off_at_next_at"), "feed", ["off_at", "next_at"])
    op.create_table(
        "feed_seen",
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["feed"], ["feed.key"], name=op.f("fk_feed_seen_feed"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed", "digest", name=op.f("pk_feed_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sighting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("published_at", BIG, nullable=True),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lab", sa.String(length=64), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("release_key", sa.String(length=200), nullable=True),
        sa.Column("until", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["feed"], ["feed.key"], name=op.f("fk_sighting_feed"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("feed", "digest", name=op.f("uq_sighting_feed_digest")),
    )
    op.create_index(op.f("ix_sighting_state_until"), "sighting", ["state", "until"])
    op.create_index(op.f("ix_sighting_release_key"), "sighting", ["release_key"])
    op.create_index(op.f("ix_sighting_seen_at"), "sighting", ["seen_at"])
