"""`topstitch up`, and what it says when it cannot."""

from __future__ import annotations

import signal
import socket
import subprocess

import pytest
from tests.runtime.world import until

pytestmark = pytest.mark.xdist_group("commands")


def test_up_serves_works_and_practises_until_it_is_told_to_stop(world):
    parent = world.start("up", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: world.answers("/healthz"), what="the web process")
    until(lambda: world.rows("SELECT 1 FROM store_worker"), what="a worker")
    parent.send_signal(signal.SIGINT)
    out, err = parent.communicate(timeout=40)
    assert parent.returncode == 0
    assert f"Topstitch is at http://127.0.0.1:{world.port} (Ctrl-C stops it)" in out
    assert "Stopping: what is on its way is finished and recorded." in out
    assert "Traceback" not in err
    assert "killed" not in err


def test_a_second_up_in_the_same_home_says_so_and_leaves(world):
    first = world.start("up", "--no-practice")
    until(lambda: world.answers("/healthz"), what="the web process")
    second = world.run("up")
    assert second.code == 1
    assert f"Topstitch runs already for the home {world.home} (pid {first.pid})" in second.err
    assert "TOPSTITCH_HOME" in second.err
    assert world.answers("/healthz")
    assert first.poll() is None
    world.kill(first)
    until(lambda: not world.answers("/healthz"), what="the end of the web process")


def test_a_port_in_use_is_said_before_anything_starts(world):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", world.port))
        taken.listen()
        result = world.run("up", "--no-practice")
    assert result.code == 1
    assert f"port {world.port} on 127.0.0.1 is in use by another program" in result.err
    assert "TOPSTITCH_PORT" in result.err
    assert "Topstitch is at" not in result.out


def test_one_practice_server_runs_alone(world):
    process = world.start("practice", "shopify", stdout=subprocess.PIPE)
    assert process.stdout.readline().startswith("Practice servers at http://127.0.0.1:")
    world.kill(process, signal.SIGTERM)
    assert process.returncode == 0


def test_a_practice_server_that_is_not_there_is_said(world):
    result = world.run("practice", "nothing")
    assert result.code == 1
    assert "nothing" in result.err
    assert "Traceback" not in result.err
