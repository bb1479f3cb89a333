"""The embedded PostgreSQL, with real servers and real kill -9: it starts, attaches, survives, explains itself."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy

from topstitch.errors import ConfigError
from topstitch.runtime.postgres import (
    binaries,
    cluster_of,
    database_url,
    delete,
    ensure_running,
    explain,
    folders,
    layout,
    processes,
    prune_logs,
    status,
    stop,
)
from topstitch.runtime.postgres.account import Account, server_account
from topstitch.runtime.postgres.layout import Layout
from topstitch.runtime.postgres.testing import CARELESS, temporary_cluster

ROOT = os.geteuid() == 0
ENSURE = "import sys; from pathlib import Path; from topstitch.runtime.postgres import ensure_running, status\n"
START = f"""{ENSURE}
home = Path(sys.argv[1])
ensure_running(home, settings={{"fsync": "off"}})
print(status(home).pid, flush=True)
"""


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    yield home
    delete(home)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with temporary_cluster(tmp_path_factory.mktemp("shared")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def spare(tmp_path_factory):
    with temporary_cluster(tmp_path_factory.mktemp("spare")) as cluster:
        yield cluster


@pytest.fixture
def stopped(spare):
    """A cluster that is stopped before and after the test, which leaves it sound."""
    stop(spare.home)
    yield spare
    stop(spare.home)


def python(code, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **options)


def ask(cluster, query, **options):
    with psycopg.connect(cluster.dsn(**options), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return result


def own_account(home):
    return server_account(Layout.of(home).data)


# Start, attach, stop


def test_it_starts_attaches_and_stops(home):
    assert status(home).state == "absent"
    assert list(home.iterdir()) == []
    ensure_running(home, settings=CARELESS)
    first = status(home)
    ensure_running(home)
    assert status(home) == first
    assert first.state == "running"
    assert stop(home) is True
    assert status(home).state == "stopped"
    assert stop(home) is False


def test_what_was_written_is_there_after_a_stop_and_a_start(home):
    cluster = ensure_running(home)
    ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    stop(home)
    assert ask(ensure_running(home), "SELECT answer FROM kept") == 42


def test_two_homes_never_meet(home, cluster):
    other = ensure_running(home, settings=CARELESS)
    query = "SELECT system_identifier FROM pg_control_system()"
    assert ask(other, query) != ask(cluster, query)
    assert other.sockets != cluster.sockets


def test_its_url_serves_psycopg_and_sqlalchemy(cluster):
    assert ask(cluster, "SELECT current_database()") == "topstitch"
    assert ask(cluster, "SELECT current_database()", database="postgres") == "postgres"
    engine = sqlalchemy.create_engine(cluster.dsn(driver="psycopg"), poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT current_user")) == "topstitch"


def test_a_temporary_cluster_leaves_nothing_behind(tmp_path):
    with temporary_cluster(tmp_path) as cluster:
        pid = status(cluster.home).pid
    assert not cluster.data.exists()
    assert not cluster.sockets.exists()
    assert not processes.server_processes(Layout(cluster.home, cluster.data.parent))
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


# What it is like


def test_it_listens_nowhere_but_in_a_folder_of_its_own(cluster):
    assert ask(cluster, "SHOW listen_addresses") == ""
    for folder in (cluster.sockets, cluster.data, cluster.logs):
        found = folder.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == own_account(cluster.home).uid


def test_its_role_is_no_superuser_but_may_create_databases(cluster):
    assert ask(cluster, "SELECT NOT rolsuper AND rolcreatedb FROM pg_roles WHERE rolname = current_user") is True
    ask(cluster, "CREATE DATABASE another")
    assert ask(cluster, "SELECT 1", database="another") == 1


def test_its_settings_are_in_force_and_the_users_win(stopped):
    config, custom = (stopped.data.parent / name for name in ("topstitch.conf", "custom.conf"))
    config.write_text(config.read_text().replace("64MB", "1MB"))
    custom.write_text("work_mem = '9MB'\n")
    ensure_running(stopped.home)
    wanted = {"shared_buffers": "64MB", "timezone": "UTC", "fsync": "on", "synchronous_commit": "on", "work_mem": "9MB"}
    assert {name: ask(stopped, f"SHOW {name}") for name in wanted} == wanted
    custom.write_text("")


def test_its_log_tells_nothing_about_records(cluster):
    ask(cluster, "CREATE TABLE person (mail text UNIQUE)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(cluster, "INSERT INTO person VALUES ('joe@example.com'), ('joe@example.com')")
    log = until(lambda: [text for file in cluster.logs.iterdir() if "violates" in (text := file.read_text())])
    assert "joe@example.com" not in log[0]


def test_old_logs_are_deleted(home):
    logs = home / "log"
    logs.mkdir()
    for day in range(1, 9):
        (logs / f"postgresql-2026010{day}T000000.log").touch()
    prune_logs(logs)
    assert sorted(file.name[17:19] for file in logs.iterdir()) == ["04", "05", "06", "07", "08"]


def test_it_gets_none_of_our_open_files(stopped):
    home = stopped.home
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    ensure_running(home, settings=CARELESS)
    os.close(writer)
    os.set_blocking(reader, False)
    assert os.read(reader, 1) == b""  # the end of file: nobody else holds the other end
    os.close(reader)


def test_its_programs_get_none_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPSTITCH_SECRET_KEY", "hush")
    (tmp_path / "program").write_text('#!/bin/sh\nenv > "$1"\n')
    (tmp_path / "program").chmod(0o755)
    Account("me", os.geteuid(), os.getegid()).run([tmp_path / "program", tmp_path / "seen"], timeout=5)
    assert "PATH=" in (tmp_path / "seen").read_text()
    assert "TOPSTITCH" not in (tmp_path / "seen").read_text()


# Several processes, and kill -9


def test_starts_at_the_same_time_end_at_one_server(home):
    starters = [python(START, home) for _ in range(4)]
    answers = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert answers == {str(status(home).pid)}


def test_it_survives_ctrl_c_and_kill_9_of_its_starter(stopped):
    home = stopped.home
    starter = python(START + "sys.stdin.read()", home, stdin=subprocess.PIPE, start_new_session=True)
    pid = int(starter.stdout.readline())
    os.killpg(starter.pid, signal.SIGINT)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    ensure_running(home)
    assert status(home).pid == pid


def test_it_recovers_from_a_kill_during_the_first_initialisation(home):
    starter = python(START, home)
    until(lambda: list(Layout.of(home).state.glob("initdb-*/base")) or list(Layout.of(home).state.glob("data")))
    starter.kill()
    starter.communicate()
    assert not Layout.of(home).data.exists(), "killed too late to show anything"
    assert ask(ensure_running(home), "SELECT 1") == 1


def test_it_recovers_from_a_kill_of_the_server(stopped):
    home = stopped.home
    cluster = ensure_running(home)
    ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = status(home).pid
    os.kill(before, signal.SIGKILL)
    assert ask(ensure_running(home), "SELECT answer FROM kept") == 42
    assert status(home).pid != before


def test_it_sees_off_orphans_that_are_still_busy(stopped, monkeypatch):
    home = stopped.home
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    cluster = ensure_running(home, settings=CARELESS)
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
        orphan = connection.info.backend_pid
        until(lambda: ask(cluster, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate%'") > 1)
        os.kill(status(home).pid, signal.SIGKILL)
        until(lambda: status(home).state == "stopped")
        assert orphan in [process.pid for process in processes.server_processes(Layout.of(home))]
        ensure_running(home, settings=CARELESS)
        assert orphan not in [process.pid for process in processes.server_processes(Layout.of(home))]
        connection.pgconn.finish()
    assert ask(cluster, "SELECT 1") == 1


def test_a_pid_used_again_by_another_program_fools_nobody(stopped):
    home = stopped.home
    cluster = ensure_running(home, settings=CARELESS)
    os.kill(status(home).pid, signal.SIGKILL)
    assert not processes.still_there(Layout.of(home), 10)
    account = own_account(home)
    other = subprocess.Popen(["sleep", "60"], user=account.uid if ROOT else None)
    for file in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
        _, rest = file.read_text().split("\n", 1)
        file.write_text(f"{other.pid}\n{rest}")
    assert status(home).state == "stopped"
    assert stop(home) is False
    assert ask(ensure_running(home), "SELECT 1") == 1
    assert other.poll() is None
    other.kill()
    other.wait()


def test_an_empty_pid_file_does_not_stop_it(stopped):
    (stopped.data / "postmaster.pid").touch()
    ensure_running(stopped.home, settings=CARELESS)
    assert ask(stopped, "SELECT 1") == 1


def test_a_stop_tells_what_remained(stopped):
    ensure_running(stopped.home, settings=CARELESS)
    pid = status(stopped.home).pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ConfigError, match=rf"did not end within 0 seconds; still there: .*pid {pid}"):
        stop(stopped.home, timeout=0)
    os.kill(pid, signal.SIGCONT)
    assert not processes.still_there(Layout.of(stopped.home), 10)


# Folders that are not as they must be


def test_a_long_home_gets_a_short_private_folder_for_its_socket(tmp_path):
    home = tmp_path / ("long" * 20) / ("longer" * 10)
    home.parent.mkdir()
    if ROOT:  # the fallback place of root is short: only a home that its account can enter can be too long
        folder = Path("/var/lib/topstitch-test-" + "long" * 20)
        home = folder / "home"
        folder.mkdir(mode=0o755)
    try:
        cluster = ensure_running(home, settings=CARELESS)
        assert cluster.sockets.parent == Path("/tmp")
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        assert ask(cluster, "SELECT 1") == 1
    finally:
        delete(home)
        if ROOT:
            (home / "postgres.lock").unlink()
            home.rmdir()
            folder.rmdir()


def test_a_socket_folder_that_is_a_link_is_refused(home, tmp_path):
    place = Layout.of(home)
    place.state.mkdir(parents=True)
    place.sockets.symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="it is a link or belongs to someone else"):
        ensure_running(home)
    with pytest.raises(ConfigError, match="it is a link or belongs to someone else"):
        cluster_of(home)
    place.sockets.unlink()


def test_a_private_folder_of_someone_else_is_refused(tmp_path):
    mine = Account("me", os.geteuid(), os.getegid())
    if ROOT:
        os.chown(tmp_path, 1, 1)
    place = tmp_path if ROOT else Path("/")
    with pytest.raises(ConfigError, match="belongs to someone else"):
        folders.private_folder(place, mine)


def test_root_keeps_out_of_other_peoples_homes(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "is_root", lambda: True)
    if ROOT:
        os.chown(tmp_path, 1, 1)
    with pytest.raises(ConfigError, match=r"This home belongs to the user id \d+, not to root"):
        Layout.of(tmp_path)


def test_roots_database_is_where_its_account_can_reach_it(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "is_root", lambda: True)
    monkeypatch.setattr(layout, "_refuse_other_peoples_home", lambda _: None)
    (tmp_path / "closed").mkdir(mode=0o700)
    assert Layout.of(tmp_path / "closed").state.parent == Path("/var/lib/topstitch")
    assert Layout.of(tmp_path / "closed" / "home").state.parent == Path("/var/lib/topstitch")
    assert Layout.of(Path("/var")).state == Path("/var/postgres")


def test_a_home_that_was_moved_or_copied_does_not_get_anothers_database(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "SYSTEM_HOME", tmp_path)
    (tmp_path / "db-another").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "postgres").symlink_to(tmp_path / "db-another")
    with pytest.raises(ConfigError, match="made for another home") as caught:
        cluster_of(tmp_path / "home")
    assert "ln -sfn" in caught.value.hint
    (tmp_path / "db-another").rmdir()
    with pytest.raises(ConfigError, match="it is missing"):
        cluster_of(tmp_path / "home")


def test_programs_that_the_account_cannot_reach_are_copied_once(tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "is_root", lambda: True)
    monkeypatch.setattr(binaries, "open_to_all", lambda *_, **__: False)
    monkeypatch.setattr(binaries, "system_folder", lambda: tmp_path)
    copied = binaries.programs()
    assert copied.is_relative_to(tmp_path)
    for program in ("initdb", "pg_ctl", "postgres"):
        assert b"PostgreSQL) 18" in subprocess.check_output([copied / program, "--version"])
        assert stat.S_IMODE((copied / program).stat().st_mode) == 0o755
    assert binaries.programs() == copied
    assert len(list(tmp_path.iterdir())) == 1


def test_a_home_with_an_odd_name_works(tmp_path):
    home = tmp_path / "Jane's café, 100% & more = fun?"
    try:
        assert ask(ensure_running(home, settings=CARELESS), "SELECT 1") == 1
    finally:
        delete(home)


def test_a_home_whose_name_a_shell_would_misread_is_refused(tmp_path):
    for name in ("$HOME", 'a"b', "`id`", "a\\b", "a\nb"):
        with pytest.raises(ConfigError, match="must not contain quotation marks"):
            ensure_running(tmp_path / name)


# Errors that say what to do


def test_a_file_in_place_of_a_folder_is_explained(home):
    (home / "postgres").touch()
    with pytest.raises(ConfigError, match="A file is in the place of a folder") as caught:
        ensure_running(home)
    assert str(home / "postgres") in caught.value.message
    (home / "postgres").unlink()


if not ROOT:  # root may write everywhere, so there is nothing to ask of it

    def test_a_home_that_we_may_not_write_to_is_explained(home):
        home.chmod(0o500)
        with pytest.raises(ConfigError, match="Permission was denied") as caught:
            ensure_running(home)
        assert str(home) in caught.value.message
        home.chmod(0o700)


def test_another_version_of_the_data_folder_is_explained(stopped):
    version = stopped.data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(ConfigError, match="was written by PostgreSQL 17, but this release brings PostgreSQL 18"):
        ensure_running(stopped.home)
    version.rename(version.with_suffix(".away"))
    with pytest.raises(ConfigError, match="is not a database folder"):
        ensure_running(stopped.home)
    version.with_suffix(".away").rename(version)
    version.write_text("18\n")


def test_no_room_for_a_new_database_is_explained_and_leaves_nothing(home):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    attempt = ENSURE + limit + "from topstitch.errors import ConfigError\ntry: ensure_running(Path(sys.argv[1]))\n"
    said = python(attempt + "except ConfigError as error: print(error, error.hint)", home).communicate()[0]
    assert "A new database could not be created: This process may not write files of that size." in said
    assert "ulimit -f" in said
    assert list(Layout.of(home).state.glob("initdb-*")) == []
    assert ask(ensure_running(home, settings=CARELESS), "SELECT 1") == 1


def test_a_setting_that_the_server_refuses_is_quoted_from_its_log(stopped):
    custom = stopped.data.parent / "custom.conf"
    custom.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(ConfigError, match="PostgreSQL did not start") as caught:
        ensure_running(stopped.home)
    assert 'invalid value for parameter "shared_buffers": "plenty"' in caught.value.detail
    custom.write_text("")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "The disk is full"),
        ("OSError: [Errno 30] Read-only file system: '/data'", "The file system is read-only"),
        ("FATAL:  could not create shared memory segment: No space left on device", "The disk is full"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "not enough memory"),
        ("postgres: error while loading shared libraries: libz.so.1: cannot open", "A system library"),
        ("initdb: error: could not look up effective user ID 4711: user does not exist", "has no name"),
        ("PermissionError: [Errno 1] Operation not permitted", "did not allow it"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "Another database server"),
        ("something never seen", "The reason is in the details"),
    ],
)
def test_known_troubles_are_told_in_words(said, sentence):
    error = explain.explained("PostgreSQL did not start", Path("/data"), said)
    assert sentence in error.message
    assert error.message.startswith("/data: PostgreSQL did not start")
    assert error.detail == said
    assert error.hint


def test_a_program_that_cannot_run_is_explained(tmp_path, monkeypatch, home):
    (tmp_path / "initdb").write_text("#!/bin/sh\necho error while loading shared libraries: libz.so.1 >&2; exit 127\n")
    (tmp_path / "initdb").chmod(0o755)
    monkeypatch.setattr(binaries, "programs", lambda: Path("/nowhere"))
    with pytest.raises(ConfigError, match="initdb could not be run as"):
        own_account(home).run([Path("/nowhere/initdb")], timeout=5)
    mine = Account("me", os.geteuid(), os.getegid())
    with pytest.raises(ConfigError, match="A system library that PostgreSQL needs is missing"):
        mine.run([tmp_path / "initdb"], timeout=5)


# The URL


@pytest.fixture
def bare(monkeypatch, home):
    for name in ("TOPSTITCH_DATABASE_URL", "TOPSTITCH_DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOPSTITCH_HOME", str(home))
    return monkeypatch


def test_the_url_is_the_embedded_clusters_and_starts_it_only_when_asked(bare, home):
    url = database_url()
    assert status(home).state == "absent"
    assert database_url(start=True) == url
    with psycopg.connect(url) as connection:
        assert connection.info.dbname == "topstitch"


def test_the_url_of_an_own_server_comes_from_the_environment_or_a_file(bare, tmp_path):
    (tmp_path / "url").write_text("postgresql://from@file/db\n")
    bare.setenv("TOPSTITCH_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert database_url(start=True) == "postgresql://from@file/db"
    bare.setenv("TOPSTITCH_DATABASE_URL", "postgres://from@environment/db")
    assert database_url() == "postgres://from@environment/db"


def test_a_url_that_cannot_be_used_is_explained(bare, tmp_path):
    bare.setenv("TOPSTITCH_DATABASE_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"TOPSTITCH_DATABASE_URL_FILE: The file .* cannot be read: No such file"):
        database_url()
    (tmp_path / "none").touch()
    with pytest.raises(ConfigError, match="is empty"):
        database_url()
    bare.setenv("TOPSTITCH_DATABASE_URL", "mysql://x")
    with pytest.raises(ConfigError, match="TOPSTITCH_DATABASE_URL: This must be the URL of a PostgreSQL database"):
        database_url()
