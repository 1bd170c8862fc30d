"""What a Discord server chose, and which community a channel belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a server's choices; a channel of before belongs to none until it is seen again."""
    op.create_table(
        "guild",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("manager_role", sa.Text(), nullable=True),
        sa.Column("public_answers", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guild")),
    )
    with op.batch_alter_table("receiver") as batch:
        batch.add_column(sa.Column("community", sa.Text(), nullable=False, server_default=""))
