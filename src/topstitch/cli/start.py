"""What nearly every command does first: the database runs, the tables are there, user-made systems are loaded."""

from __future__ import annotations


def ready() -> None:
    """Make the store usable in this process."""
    from topstitch.runtime.django import migrate, setup

    setup(start_database=True)
    migrate()
    from topstitch.store.systems import load_user_systems

    load_user_systems()
