"""The command line of the benchmark, and that it unwinds."""

from __future__ import annotations

import sys
import time

import psutil
import pytest
from bench.processes import Watch, cpu_seconds, python, resident
from bench.run import arguments


def test_quick_is_the_ratios_only(monkeypatch):
    monkeypatch.delenv("MOCK", raising=False)
    assert arguments(["--quick"]).names == ["ratios"]
    assert arguments(["--quick", "--idle"]).names == ["ratios", "idle"]
    assert arguments([]).names == ["ratios", "mapping", "faults", "kill", "memory"]


def test_the_mock_may_be_named_in_the_environment(monkeypatch):
    monkeypatch.setenv("MOCK", "http://127.0.0.1:1")
    assert arguments([]).mock == "http://127.0.0.1:1"


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit):
        arguments(["--parts", "ratios,speed"])
    assert "there is no part speed" in capsys.readouterr().err


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_process_and_what_it_started_end_with_the_block(tmp_path):
    log = tmp_path / "log"
    code = f"""if True:
        import subprocess, time
        child = subprocess.Popen([{sys.executable!r}, "-c", "import time; time.sleep(600)"])
        while time.process_time() < 0.1: pass
        print(child.pid, flush=True)
        time.sleep(600)"""
    with python("-c", code, log=log) as process:
        while not log.read_text().endswith("\n"):
            assert process.poll() is None, log.read_text()
            time.sleep(0.01)
        with Watch(lambda: (0.0, resident(process.pid))) as memory:
            assert cpu_seconds(process.pid) > 0.05
        child = int(log.read_text())
        assert not gone(child)

    assert memory.seen[-1][1] > 1
    assert process.poll() is not None
    deadline = time.monotonic() + 10
    while not gone(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
