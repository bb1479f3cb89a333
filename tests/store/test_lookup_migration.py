"""Lookup tables from before they had versions: their pairs become version 1."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from topstitch.store.actions.lookups import save_lookup
from topstitch.store.models import Company, LookupTable
from topstitch.store.queries.lookups import pairs_of_version


@pytest.mark.django_db(transaction=True)
def test_pairs_that_are_there_become_version_1():
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate([("store", "0002_ledger")])
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO store_company (id, name, slug, created_at) VALUES (77, 'A', 'a', now())")
            cursor.execute(
                "INSERT INTO store_lookuptable (id, company_id, name, created_at, updated_at)"
                " VALUES (7, 77, 'old', now(), now()), (8, 77, 'empty', now(), now())"
            )
            cursor.execute(
                'INSERT INTO store_lookuppair (table_id, position, "left", "right")'
                " VALUES (7, 0, 'b', 'y'), (7, 1, 'a', 'x'), (7, 2, 'b', 'y')"
            )
    finally:
        MigrationExecutor(connection).migrate(newest)
    table = LookupTable.objects.get(name="old")
    assert [row[:2] for row in pairs_of_version(table)] == [("b", "y"), ("a", "x")]
    assert (table.version, table.versions.get().pairs) == (1, 2)
    assert LookupTable.objects.get(name="empty").versions.get().pairs == 0
    saved = save_lookup(Company.objects.get(pk=77), "old", [("b", "y"), ("c", "z"), ("a", "x")], how="merge")
    assert [row[0] for row in pairs_of_version(saved.table)] == ["b", "c", "a"]
