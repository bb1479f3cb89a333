"""What holds for every test."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from _pytest.nodeid import NodeId
from django.conf import settings as installation
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import settings

from topstitch.net.retry import Retries

#: What tests connect to is on this machine.
installation.PRIVATE_HOSTS = ["127.0.0.1"]

# Times are no business of tests: the machine may be busy with others.
settings.register_profile("topstitch", deadline=None)
settings.load_profile("topstitch")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make `--dist loadgroup` group: pytest-xdist 3.8 writes the group into an attribute that pytest 9.2 no longer reads."""
    for item in items:
        grouped = vars(item).get("_nodeid", "")
        if grouped != item.nodeid and grouped.startswith(f"{item.nodeid}@"):
            item._id = NodeId.parse(grouped)


@pytest.fixture(autouse=True)
def _budgets_closed() -> Iterator[None]:
    """Shared budgets keep a connection for the life of a process; a test's database must be free when it ends."""
    yield
    budgets = sys.modules.get("topstitch.store.budgets")
    if budgets is not None:
        budgets.close_budgets()


#: What migrations write: every test finds it there.
KEPT = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="session")
def _quick_passwords(django_test_environment) -> None:
    """Passwords are slow to make on purpose; the product's own processes make them so all the same."""
    installation.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, _quick_passwords) -> None:
    """After a test that commits, rows are deleted: TRUNCATE, which is Django's way, takes a hundred times as long."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)",
            [list(KEPT)],
        )
        emptying = "; ".join(f"DELETE FROM {table}" for (table,) in cursor.fetchall())

    def empty(_: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(emptying)

    TransactionTestCase._fixture_teardown = empty


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Requests that fail are tried again as often as ever, but at once: how long is waited is tested where it is decided."""
    monkeypatch.setattr(Retries, "backoff", lambda *_: 0.001)
