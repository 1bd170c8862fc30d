"""Stories keep their day and figures while held; a subscription's number never comes back."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Big, Day, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what held messages need to know; number subscriptions once and for all."""
    with op.batch_alter_table("story") as batch:
        batch.add_column(sa.Column("crossed_on", Day(), nullable=True))
        batch.add_column(sa.Column("facts", sa.JSON(), nullable=True))
    with op.batch_alter_table("held_news") as batch:
        batch.add_column(sa.Column("root_id", Big, nullable=True))
    # A table is rebuilt from what SQLite tells of it, which leaves out its check.
    check = sa.CheckConstraint(
        "kind != 'rule' OR rule_id IS NOT NULL", name=op.f("ck_subscription_rule")
    )
    with op.batch_alter_table(
        "subscription",
        recreate="always",
        table_args=(check,),
        table_kwargs={"sqlite_autoincrement": True},
    ) as batch:
        batch.add_column(sa.Column("told_until", Instant(), nullable=True))
        batch.add_column(sa.Column("spent_by", Big, nullable=True))
    op.create_index(op.f("ix_subscription_spent_by"), "subscription", ["spent_by"])
    # Silences of alerts that are gone would have swallowed whatever got their number.
    silence, subscription = sa.table("silence", sa.column("target")), sa.table(
        "subscription", sa.column("id")
    )
    rules = sa.select("rule:" + sa.cast(subscription.c.id, sa.String))
    op.execute(
        sa.delete(silence).where(silence.c.target.like("rule:%"), silence.c.target.not_in(rules))
    )
