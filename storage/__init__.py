"""Paperboy's stores: the ports of `bot.ports.store` on a database, through SQLModel and Alembic."""
