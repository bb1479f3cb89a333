"""A whole product for browser tests: the demo, played, in a home and on ports of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from topstitch.demo.play import delete

PLAYED_WITHIN = 240
STOPS_WITHIN = 60
#: What is said when the demo has been played, and to the first person of an empty installation.
WELCOME, LINK = "Sign in as", "/setup/"


@dataclass(frozen=True, slots=True)
class Product:
    """Where it answers, and the sessions of a person of each role."""

    address: str
    sessions: Mapping[str, str]


def elsewhere(address: str, home: str) -> Product:
    """One that runs already (E2E_ADDRESS and E2E_HOME, its TOPSTITCH_HOME), to be quick while writing tests."""
    return Product(address, _people({**os.environ, "TOPSTITCH_HOME": home, "TOPSTITCH_DATABASE_URL": ""}))


@contextmanager
def running() -> Iterator[Product]:
    """Start it, wait until it has been played, and stop it."""
    with _started("demo", WELCOME) as (environment, _):
        environment = {**environment, "TOPSTITCH_HOME": str(Path(environment["TOPSTITCH_HOME"]) / "demo")}
        yield Product(_address(environment), _people(environment))


@contextmanager
def empty() -> Iterator[str]:
    """An installation in which nobody is yet: the link of the first person."""
    with _started("up", LINK) as (_, said):
        yield next(line.strip() for line in said if LINK in line)


def _address(environment: Mapping[str, str]) -> str:
    return f"http://127.0.0.1:{environment['TOPSTITCH_PORT']}"


@contextmanager
def _started(command: str, sign: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """A product in a home of its own that has said `sign`: its environment, and the lines that it wrote."""
    with tempfile.TemporaryDirectory(prefix="topstitch-e2e-") as folder:
        home = Path(folder) / "home"
        port, practice = _free_ports()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOPSTITCH_")},
            "TOPSTITCH_HOME": str(home),
            "TOPSTITCH_PORT": str(port),
            "TOPSTITCH_PRACTICE_PORT": str(practice),
            "PYTHONUNBUFFERED": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "topstitch", command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield environment, _wait_for(process, sign)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOPS_WITHIN)
            if process.stdout:
                process.stdout.close()
            delete(home / "demo" if command == "demo" else home)


def _free_ports() -> tuple[int, int]:
    """One for the screens, and one whose neighbour is free too: practice servers take two."""
    while True:
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            one.bind(("127.0.0.1", 0))
            two.bind(("127.0.0.1", 0))
            try:
                three.bind(("127.0.0.1", two.getsockname()[1] + 1))
            except OSError:
                continue
            return one.getsockname()[1], two.getsockname()[1]


def _wait_for(process: subprocess.Popen[str], sign: str) -> list[str]:
    """Read what it says until it says `sign`; afterwards keep reading, so that it never waits for us."""
    said: list[str] = []
    welcome = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if sign in line:
                welcome.set()
        welcome.set()

    threading.Thread(target=listen, daemon=True).start()
    assert welcome.wait(PLAYED_WITHIN), "it took too long:\n" + "".join(said)
    assert process.poll() is None, "it ended:\n" + "".join(said)
    return said


def _people(environment: Mapping[str, str]) -> dict[str, str]:
    made = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("people.py"))],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return dict(json.loads(made.stdout.splitlines()[-1]))
