"""Who is to be reviewed, and free text that waits to be read."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
