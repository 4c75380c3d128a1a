"""Runs migrations as the owner, one numbered line of them, with a lock that waits for nobody."""

import importlib

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

# String foreign keys resolve only once every room's tables are imported; a house test checks this list.
TABLES = [
    "app.kit.audit",
    "app.kit.drafts",
    "app.accounts.tables",
    "app.notifications.tables",
    "app.notifications.reminder_tables",
    "app.diary.tables",
    "app.mood.tables",
    "app.mood.momentary_tables",
    "app.safety.tables",
    "app.safety.review_tables",
    "app.safety.duty_tables",
    "app.questionnaires.tables",
    "app.questionnaires.schedule_tables",
    "app.questionnaires.text_tables",
    "app.programme.tables",
    "app.pathways.tables",
]
for name in TABLES:
    importlib.import_module(name)


def run() -> None:
    engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        # A migration that cannot have its lock gives up rather than make every reader wait behind it.
        connection.execute(sa.text("set lock_timeout = '1s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
