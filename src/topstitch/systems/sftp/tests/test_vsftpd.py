"""The connector's whole cycle against vsftpd, plain and encrypted: reading, what follows it, both kinds of writing."""

from __future__ import annotations

import time

import pytest
from tests.net.vsftpd import PASSWORD, USER, needs_vsftpd, servers

from topstitch.sdk import AuthError, ConfigError, Outcome, RemoteRejected
from topstitch.systems.sftp.connect import test as check

pytestmark = needs_vsftpd
PROTOCOLS = {"": "ftp", "explicit": "ftps-explicit", "implicit": "ftps-implicit"}
RUN = {"granularity": "each run", "file_name": "stock.csv", "folder": "in/new"}


@pytest.fixture
def serve(tmp_path):
    with servers(tmp_path / "ftp") as start:
        yield start


@pytest.fixture
def visit(connect):
    def make(server, **settings):
        given = {"port": server.port, "username": USER, "password": PASSWORD, "max_tries": 1, "root": "."}
        secure = {"protocol": PROTOCOLS[server.tls], "host_fingerprint": server.fingerprint}
        shop = connect("live", settings={**given, **secure, **settings}, private_hosts=["127.0.0.1"])
        shop.folder = server.folder
        return shop

    return make


@pytest.mark.parametrize("tls", list(PROTOCOLS))
def test_files_are_read_archived_renamed_deleted_and_left(serve, visit, tls):
    shop = visit(serve(tls=tls))
    for name in ("a_1.csv", "a_2.csv", "b.csv", ".a_3.csv", "a_4.csv.tmp"):
        shop.put(f"out/{name}", "sku,quantity\nA,1\nB,2\n")
    options = {"folder": "out", "pattern": "a_*.csv", "page_size": 1}

    left = shop.pages("stock", **options)
    assert [record["original_filename"] for page in left for record in page.records] == ["a_1.csv"] * 2 + [
        "a_2.csv"
    ] * 2
    assert shop.pages("stock", state=left[-1].state, **options) == []
    for pattern, after in (("a_1.csv", "archive"), ("a_2.csv", "rename"), ("b.csv", "delete")):
        shop.acknowledge(shop.pages("stock", folder="out", pattern=pattern, after_read=after))

    assert shop.files("out") == [".a_3.csv", "a_2.csv.done", "a_4.csv.tmp", "archive"]
    assert shop.files("out/archive") == ["a_1.csv"]


@pytest.mark.parametrize("tls", list(PROTOCOLS))
def test_records_become_files_of_their_own(serve, visit, tls):
    shop = visit(serve(tls=tls))

    for quantity in (1, 2):
        (verdict,) = shop.push([{"sku": "A", "quantity": quantity}], "stock", folder="in/new")
    (refused,) = shop.push([{"sku": "A"}], "stock", folder="in/new", existing="fail")
    shop.push([{"sku": "B", "quantity": 3}], "stock", folder="in/new", file_name="stock_A.csv", existing="append")

    assert (verdict.outcome, verdict.remote_id) == (Outcome.SENT, "in/new/stock_A.csv")
    assert refused.error.key == "file_exists"
    assert shop.files("in/new") == ["stock_A.csv"]
    assert shop.text("in/new/stock_A.csv") == "sku,quantity\r\nA,2\r\nB,3\r\n"
    assert shop.find([{"sku": "A", "quantity": 2}], "stock", folder="in/new", existing="append") == [
        "in/new/stock_A.csv"
    ]


@pytest.mark.parametrize("tls", list(PROTOCOLS))
def test_a_run_becomes_one_file(serve, visit, tls):
    server = serve(tls=tls)
    shop = visit(server)

    verdicts = shop.push([{"sku": "A"}, {"sku": "B"}], "stock", **RUN) + shop.push([{"sku": "C"}], "stock", **RUN)
    assert shop.find([{"sku": "C"}, {"sku": "D"}], "stock", **RUN) == [verdicts[-1].remote_id, None]
    visit(server).finish("stock", **RUN)

    assert {verdict.outcome for verdict in verdicts} == {Outcome.SENT}
    assert shop.files("in/new") == ["stock.csv"]
    assert shop.text("in/new/stock.csv") == "sku\r\nA\r\nB\r\nC\r\n"


def test_a_server_that_forbids_dot_files_is_written_to(serve, visit):
    shop = visit(serve(deny_file="{.*}"))

    shop.push([{"sku": "A"}], "stock", folder="in/new")
    shop.push([{"sku": "A"}], "stock", **RUN)
    shop.finish("stock", **RUN)

    assert shop.files("in/new") == ["stock.csv", "stock_A.csv"]


def test_records_are_not_counted_as_sent_where_the_server_hides_their_part(serve, visit):
    shop = visit(serve(hide_file="{*.part}"))

    with pytest.raises(RemoteRejected, match="does not show it"):
        shop.push([{"sku": "A"}], "stock", **RUN)


def test_files_that_do_not_fit_cost_no_question(serve, visit):
    server = serve()
    shop = visit(server)
    for name in ("a.csv", *(f"{number}.txt" for number in range(20))):
        shop.put(f"out/{name}", "sku\nA\n")

    shop.pages("stock", folder="out", pattern="*.csv")

    assert {line for line in server.seen if line.startswith("MDTM")} == {"MDTM out/a.csv"}


def test_the_minimum_age_counts_by_the_clock_of_the_server(serve, visit):
    server = serve(use_localtime="YES")
    shop = visit(server, server_zone="Asia/Kolkata")
    shop.put("a.csv", "sku\nA\n", at=time.time() - 40)

    assert shop.records("stock", min_age=60) == []
    assert len(shop.records("stock", min_age=30)) == 1
    with pytest.raises(ConfigError, match="not a time zone"):
        visit(server, server_zone="Mars").records("stock")


def test_writing_is_tested_where_that_is_wished(serve, visit):
    server = serve()
    (server.folder / "in").mkdir()

    assert check(visit(server, path="in", test_writing=True).conn)[-1].label == "Wrote into the folder in"

    assert list((server.folder / "in").iterdir()) == []
    assert any(line.startswith("STOR in/topstitch-test-") for line in server.seen)


def test_a_test_of_writing_names_the_missing_right(serve, visit):
    server = serve(anon_upload_enable="NO")

    assert check(visit(server).conn)[-1].label == "Listed the folder ."
    with pytest.raises(RemoteRejected, match="not permit this account to write"):
        check(visit(server, test_writing=True).conn)


def test_a_file_that_may_not_be_read_is_reported_each_time(serve, visit):
    shop = visit(serve(anon_world_readable_only="YES"))
    shop.put("out/a.csv", "sku\nA\n").chmod(0o600)
    shop.put("out/b.csv", "sku\nB\n")

    for _ in range(2):
        pages = shop.pages("stock", folder="out")
        assert [bad.reason for page in pages for bad in page.bad] == [
            "The server does not permit this account to read out/a.csv: Failed to open file."
        ]
        assert [record["sku"] for page in pages for record in page.records] == ["B"]


def test_a_file_that_cannot_be_archived_is_an_error_and_not_gone(serve, visit):
    shop = visit(serve(anon_other_write_enable="NO"))
    shop.put("out/a.csv", "sku\nA\n")
    pages = shop.pages("stock", folder="out", after_read="delete")

    with pytest.raises(RemoteRejected, match="not permit"):
        shop.acknowledge(pages)


def test_the_test_asks_for_ftps_where_the_server_does(serve, visit):
    server = serve(tls="explicit")

    with pytest.raises(AuthError, match="encrypted connection only"):
        check(visit(server, protocol="ftp", host_fingerprint="").conn)
    assert check(visit(server).conn)[-1].label == "Listed the folder ."
