"""The real server in its own process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.error import URLError
from urllib.parse import quote, urlencode

import psutil
import pytest
from django.db import connection

from topstitch.errors import ConfigError
from topstitch.web.server import check_address

SERVE = "from topstitch.runtime.django import setup; setup(); from topstitch.web.server import serve; serve()"
PATIENCE = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_address():
    """The test's own database, for another process."""
    settings = connection.settings_dict
    login = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    query = urlencode({"host": settings["HOST"], **({"port": settings["PORT"]} if settings["PORT"] else {})})
    return f"postgresql://{login}@/{settings['NAME']}?{query}"


def wait_for(what):
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found


def fetch(address):
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except (URLError, ConnectionError):
        return None


@pytest.fixture
def server(transactional_db):
    port = free_port()
    environment = {
        **os.environ,
        "TOPSTITCH_PORT": str(port),
        "TOPSTITCH_HOST": "127.0.0.1",
        "TOPSTITCH_DATABASE_URL": database_address(),
    }
    process = subprocess.Popen([sys.executable, "-c", SERVE], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: fetch(f"http://127.0.0.1:{port}/sign-in") or process.poll() is not None)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def test_it_serves_pages_and_files_and_stops_when_told_to(server):
    process, address = server
    status, headers, body = fetch(f"{address}/sign-in")
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Sign in" in body
    style = body.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "--accent" in fetch(f"{address}{style}")[2]

    answering = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert not [child for child in answering if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert fetch(f"{address}/sign-in") is None


def test_nothing_keeps_answering_when_the_listening_process_is_killed(server):
    process, address = server
    process.kill()
    process.wait(PATIENCE)
    wait_for(lambda: fetch(f"{address}/sign-in") is None)


def test_a_port_in_use_is_said_to_be_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is in use") as caught:
            check_address("127.0.0.1", port)
    assert "TOPSTITCH_PORT" in caught.value.hint
    check_address("127.0.0.1", port)


def test_an_address_of_another_machine_is_said_to_be_none_of_ours():
    with pytest.raises(ConfigError, match="cannot listen on"):
        check_address("192.0.2.1", free_port())
