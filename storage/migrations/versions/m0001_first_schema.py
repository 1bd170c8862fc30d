"""The first schema."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Big, Day, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "bar",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("close", Big, nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "day", name=op.f("pk_bar")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "basket",
        sa.Column("id", Big, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_basket_owner_name")),
    )
    op.create_table(
        "quote",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("price", Big, nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "as_of", name=op.f("pk_quote")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading",
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("day", Day(), nullable=True),
        sa.Column("as_of", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reading")),
    )
    op.create_table(
        "receiver",
        sa.Column("id", Big, nullable=False),
        sa.Column("surface", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=160), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
        sa.UniqueConstraint(
            "surface", "address", name=op.f("uq_receiver_surface_address")
        ),
    )
    op.create_table(
        "release",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("lab", sa.String(length=64), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("released_on", Day(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("open_weights", sa.Boolean(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("other_dates", sa.Text(), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_known_at"), "release", ["known_at"], unique=False)
    op.create_table(
        "rule",
        sa.Column("id", Big, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("spec", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("spec", name=op.f("uq_rule_spec")),
    )
    op.create_table(
        "split",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "day", name=op.f("pk_split")),
    )
    op.create_table(
        "symbol",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_symbol")),
    )
    op.create_table(
        "basket_member",
        sa.Column("basket_id", Big, nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["basket_id"],
            ["basket.id"],
            name=op.f("fk_basket_member_basket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("basket_id", "symbol", name=op.f("pk_basket_member")),
    )
    op.create_table(
        "level_state",
        sa.Column("id", Big, nullable=False),
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("armed", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("counted_on", Day(), nullable=True),
        sa.Column("peak_day", Day(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key"], ["reading.key"], name=op.f("fk_level_state_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_state")),
        sa.UniqueConstraint(
            "key", "level", "band", name=op.f("uq_level_state_key_level_band")
        ),
    )
    op.create_index(
        op.f("ix_level_state_key_armed_next_at"),
        "level_state",
        ["key", "armed", "next_at"],
        unique=False,
    )
    op.create_table(
        "silence",
        sa.Column("id", Big, nullable=False),
        sa.Column("receiver_id", Big, nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_silence_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_index(
        op.f("ix_silence_receiver_id_until"),
        "silence",
        ["receiver_id", "until"],
        unique=False,
    )
    op.create_table(
        "story",
        sa.Column("id", Big, nullable=False),
        sa.Column("receiver_id", Big, nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("close_reason", sa.String(length=40), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("told_level", sa.Integer(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("root_id", Big, nullable=True),
        sa.Column("subscription_id", Big, nullable=True),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_story_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )
    op.create_index(op.f("ix_story_due_at"), "story", ["due_at"], unique=False)
    op.create_index(
        op.f("ix_story_receiver_id_target_closed_at"),
        "story",
        ["receiver_id", "target", "closed_at"],
        unique=False,
    )
    op.create_table(
        "subscription",
        sa.Column("id", Big, nullable=False),
        sa.Column("receiver_id", Big, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule_id", Big, nullable=True),
        sa.Column("members", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind != 'rule' OR rule_id IS NOT NULL", name=op.f("ck_subscription_rule")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_subscription_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["rule.id"], name=op.f("fk_subscription_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "receiver_id", "rule_id", name=op.f("uq_subscription_receiver_id_rule_id")
        ),
    )
    op.create_index(
        op.f("ix_subscription_kind"), "subscription", ["kind"], unique=False
    )
    op.create_table(
        "alert",
        sa.Column("id", Big, nullable=False),
        sa.Column("level_state_id", Big, nullable=False),
        sa.Column("fingerprint", sa.String(length=240), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("fired_at", Instant(), nullable=False),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("resolved_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["level_state_id"], ["level_state.id"], name=op.f("fk_alert_level_state_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        op.f("ix_alert_level_state_id_resolved_at"),
        "alert",
        ["level_state_id", "resolved_at"],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", Big, nullable=False),
        sa.Column("receiver_id", Big, nullable=False),
        sa.Column("subscription_id", Big, nullable=True),
        sa.Column("story_id", Big, nullable=True),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("root_id", Big, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("channel_ref", sa.Text(), nullable=True),
        sa.Column("thread_ref", sa.Text(), nullable=True),
        sa.Column("message_ref", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "action IN ('post', 'reply', 'edit')", name=op.f("ck_outbox_action")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sent', 'dead')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["receiver.id"],
            name=op.f("fk_outbox_receiver_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["root_id"],
            ["outbox.id"],
            name=op.f("fk_outbox_root_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["story.id"],
            name=op.f("fk_outbox_story_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("nonce", name=op.f("uq_outbox_nonce")),
    )
    op.create_index(
        op.f("ix_outbox_receiver_id_state"),
        "outbox",
        ["receiver_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outbox_state_next_attempt_at"),
        "outbox",
        ["state", "next_attempt_at"],
        unique=False,
    )
    op.create_table(
        "subscription_level",
        sa.Column("level_state_id", Big, nullable=False),
        sa.Column("subscription_id", Big, nullable=False),
        sa.Column("via", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["level_state_id"],
            ["level_state.id"],
            name=op.f("fk_subscription_level_level_state_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_level_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "level_state_id", "subscription_id", name=op.f("pk_subscription_level")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_subscription_level_subscription_id"),
        "subscription_level",
        ["subscription_id"],
        unique=False,
    )
    op.create_table(
        "attempt",
        sa.Column("id", Big, nullable=False),
        sa.Column("outbox_id", Big, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name=op.f("fk_attempt_outbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(
        op.f("ix_attempt_outbox_id"), "attempt", ["outbox_id"], unique=False
    )
