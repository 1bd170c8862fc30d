"""What forgetting needs: when a mark was last listed, what a row tells of, and indices."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A day is kept as its ordinal, an instant as microseconds since 1970, which is day 719,163.
_EPOCH, _DAY_MICROS = 719_163, 86_400_000_000


def upgrade() -> None:
    """Add it: every mark was last listed when it was first seen, as far as is known."""
    with op.batch_alter_table("symbol") as batch:
        batch.add_column(sa.Column("daily_from", sa.Integer(), nullable=True))
    with op.batch_alter_table("feed_seen") as batch:
        batch.add_column(
            sa.Column("last_seen", sa.Integer(), nullable=False, server_default="0")
        )
    op.execute(f"UPDATE feed_seen SET last_seen = {_EPOCH} + seen_at / {_DAY_MICROS}")
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(
            sa.Column("kind", sa.String(length=24), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("key", sa.Text(), nullable=True))
    kind, key = ("facts ->> 'kind'", "facts ->> 'key'")
    if op.get_bind().dialect.name == "sqlite":
        kind, key = "json_extract(facts, '$.kind')", "json_extract(facts, '$.key')"
    op.execute(f'UPDATE outbox SET kind = COALESCE({kind}, \'\'), "key" = {key}')
    for table, *columns in (
        ("outbox", "receiver_id", "created_at"),
        ("outbox", "kind", "created_at", "key"),
        ("outbox", "root_id"),
        ("outbox", "story_id"),
        ("subscription", "rule_id"),
        ("held_news", "receiver_id"),
        ("decision", "receiver_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
