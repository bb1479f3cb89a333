"""The connector's test, its settings, and the other servers: OpenSSH by key, FTP."""

from __future__ import annotations

import asyncio
import threading

import aioftp
import pytest

from topstitch.sdk import AuthError, ConfigError, Unreachable
from topstitch.sdk.practice.files import FileServer, _sshd
from topstitch.systems.sftp.connect import test as check
from topstitch.systems.sftp.practice import seed


def steps(shop):
    return {step.label: step.detail for step in check(shop.conn)}


def live(connect, server, **settings):
    return connect("live", settings={**server.settings, "max_tries": 1, **settings}, private_hosts=["127.0.0.1"])


def test_a_connector_is_tested_step_by_step(connect, server):
    shop = connect()
    shop.put("a.csv", "x")

    found = steps(shop)

    assert found[f"Reached {server.address}"] == f"ssh-ed25519 {server.fingerprint}"
    assert "Signed in as practice" in found
    assert found["Listed the folder ."] == "1 file"


def test_a_single_file_is_tested_too(connect):
    shop = connect(settings={"path": "/out/a.csv"})
    shop.put("out/a.csv", "12345")

    assert steps(shop)["Found the file out/a.csv"] == "5 bytes"


def test_writing_is_tested_only_where_that_is_wished(connect):
    shop = connect(settings={"test_writing": True})

    assert steps(shop)["Wrote into the folder ."] == "and took the file away again"
    assert shop.files() == []
    assert "Wrote into the folder ." not in steps(connect())


def test_a_missing_folder_is_told_apart_from_a_refused_sign_in(connect, server):
    with pytest.raises(ConfigError, match="folder none does not exist"):
        check(connect(settings={"path": "none"}).conn)
    with pytest.raises(AuthError, match="refuses the password"):
        check(connect(settings={"password": "wrong"}).conn)
    with pytest.raises(Unreachable, match="refuses the connection"):
        check(live(connect, server, port=1).conn)
    with pytest.raises(Unreachable, match="has no address"):
        check(live(connect, server, host="no-such-host.invalid").conn)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"host": "sftp://files.example.com"}, "without sftp://"),
        ({"port": 70000}, "1 to 65535"),
        ({"password": ""}, "Password is missing"),
        ({"path": "../x"}, "not permitted"),
    ],
)
def test_wrong_settings_are_explained(connect, server, settings, says):
    with pytest.raises(ConfigError, match=says):
        check(live(connect, server, **settings).conn)


def test_private_addresses_need_the_connectors_permission(connect, server):
    with pytest.raises(ConfigError, match="not permitted"):
        check(connect("live", settings=server.settings).conn)


def test_the_host_key_is_kept_with_the_connector(connect, tmp_path):
    with FileServer(tmp_path / "one", kind="asyncssh", keys=tmp_path / "k1") as server:
        shop = live(connect, server)
        check(shop.conn)
        port = server.port
    with FileServer(tmp_path / "one", kind="asyncssh", keys=tmp_path / "k2", port=port) as server:
        later = connect("live", settings=server.settings, private_hosts=["127.0.0.1"], tokens=shop.conn.tokens)
        with pytest.raises(AuthError, match="another host key"):
            check(later.conn)


@pytest.mark.skipif(_sshd() is None, reason="OpenSSH's sshd is not installed")
def test_openssh_is_read_and_written_by_key(connect, tmp_path):
    with FileServer(tmp_path / "files", kind="openssh") as server:
        shop = live(connect, server)
        shop.folder = server.folder
        shop.put("in/a.csv", "sku,quantity\nA,1\n")

        assert server.public_key.split()[1] in steps(shop)["Public key, for the owner of the server"]
        pages = shop.pages("stock", folder="in", after_read="archive")
        shop.push([{"sku": "A"}], "stock", folder="out/new")
        shop.acknowledge(pages)
        run = {"granularity": "each run", "file_name": "all.csv", "folder": "out/new"}
        shop.push([{"sku": "B"}], "stock", **run)
        shop.finish("stock", **run)

        assert [record["sku"] for page in pages for record in page.records] == ["A"]
        assert shop.files("in/archive") == ["a.csv"]
        assert shop.files("out/new") == ["all.csv", "stock_A.csv"]


@pytest.fixture
def ftp(tmp_path):
    (tmp_path / "ftp").mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = aioftp.Server([aioftp.User("practice", "practice", base_path=tmp_path / "ftp")])
    asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(5)
    yield server.server_port, tmp_path / "ftp"
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_ftp_is_read_and_written(connect, ftp):
    port, folder = ftp
    shop = connect(
        "live",
        settings={"protocol": "ftp", "port": port, "password": "practice", "root": "/"},
        private_hosts=["127.0.0.1"],
    )
    shop.folder = folder
    shop.put("in/a.csv", "sku,quantity\nA,1\nB,2\n")

    assert "Listed the folder /" in steps(shop)
    pages = shop.pages("stock", folder="in", page_size=1, after_read="archive")
    shop.acknowledge(pages)
    shop.push([{"sku": "A"}], "stock", folder="out/new")
    run = {"granularity": "each run", "file_name": "all.csv", "folder": "out/new"}
    shop.push([{"sku": "B"}], "stock", **run)
    shop.finish("stock", **run)

    assert [record["sku"] for page in pages for record in page.records] == ["A", "B"]
    assert shop.files("in/archive") == ["a.csv"]
    assert shop.files("out/new") == ["all.csv", "stock_A.csv"]


def test_the_practice_files_are_read(shop):
    seed(shop.folder)
    seed(shop.folder)

    orders = shop.records(folder="outbound/orders")
    mixed = [
        shop.records(folder="outbound/mixed", pattern=f"orders.{form}", format=form, record_path=path)
        for form, path in (("xml", ""), ("json", "orders"), ("jsonl", ""))
    ]
    (broken,) = shop.pages(folder="outbound/mixed", pattern="*.csv")

    assert len(orders) == 45 and orders[2]["shipping_name"] == "Zoë O'Neill"
    assert [len(records) for records in mixed] == [10, 10, 10]
    assert mixed[0][1]["lines"] == orders[1]["lines"]
    assert broken.bad and broken.records
    assert len(shop.records("stock", folder="outbound/stock")) == 10
