"""Slack: who set a channel up, linked channels, and the workspaces that installed the bot."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them; of a channel of before nobody knows who set it up."""
    op.create_table(
        "room",
        sa.Column("id", BIG, nullable=False),
        sa.Column("inviter_id", BIG, nullable=False),
        sa.Column("joiner_id", BIG, nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("joined_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("linked_at", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["receiver.id"], name=op.f("fk_room_inviter_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["joiner_id"], ["receiver.id"], name=op.f("fk_room_joiner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_room_code_digest")),
    )
    op.create_index(op.f("ix_room_inviter_id"), "room", ["inviter_id"])
    op.create_index(op.f("ix_room_joiner_id"), "room", ["joiner_id"])
    op.create_table(
        "slack_install",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.String(length=32), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.String(length=32), nullable=False),
        sa.Column("installed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_slack_install")),
    )
    with op.batch_alter_table("receiver") as batch:
        batch.add_column(sa.Column("set_up_by", sa.Text(), nullable=False, server_default=""))
