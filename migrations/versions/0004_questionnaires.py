"""Questionnaires on a schedule, taken by phone or void, in texts of the service's own."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
