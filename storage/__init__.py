"""Paperboy's stores: the ports of `bot.ports` on a database, through SQLModel and Alembic."""
