"""A close and a price of a running session may be held of one symbol, each with its trade time."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what is held of a symbol two rows, and know when each was traded."""
    with op.batch_alter_table("held_price", recreate="always") as batch:
        batch.add_column(sa.Column("traded_at", Instant(), nullable=True))
        batch.drop_constraint("pk_held_price", type_="primary")
        batch.create_primary_key("pk_held_price", ["symbol", "final"])
