"""A whole installation for a test: a home with a durable database, real processes, a far end, and the end of them all."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import psycopg
import yaml
from psycopg.rows import namedtuple_row
from tests.fakes.far_end import MAPPING, SLUG, order
from tests.runtime.far_end import TOKEN, definition

from topstitch.runtime.postgres import delete, ensure_running, status
from topstitch.sdk.practice import Store

ROOT = Path(__file__).parents[2]
#: What each way of a destination to tell a record twice from two records is called here.
KINDS = {
    "natural": ("natural_key", "ask"),
    "lookup": ("lookup", "ask"),
    "ask": ("none", "ask"),
    "again": ("none", "send_again"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(look: Callable[[], Any], seconds: float = 30.0, what: str = "") -> Any:
    """Wait for something true and give it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what or look}")
        time.sleep(0.05)
    return found


class Result:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"<code {self.code}\n{self.out}\n{self.err}>"


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class World:
    """One home. Processes are started in sessions of their own and are all ended at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.port, self.far_port = free_port(), free_port()
        self._started: list[subprocess.Popen[str]] = []
        self._hand: subprocess.Popen[str] | None = None
        self._lasting: subprocess.Popen[str] | None = None
        self._far: subprocess.Popen[str] | None = None
        self._database: psycopg.Connection[Any] | None = None
        practice = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("TOPSTITCH_")},
            "TOPSTITCH_HOME": str(self.home),
            "TOPSTITCH_PORT": str(self.port),
            "TOPSTITCH_PRACTICE_PORT": str(practice),
            "TOPSTITCH_PRACTICE_SFTP": f"127.0.0.1:{free_port()}",
            "TOPSTITCH_PRIVATE_HOSTS": "127.0.0.1",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "TOPSTITCH_LOG_LEVEL": "INFO",
            # Faults of the far end are for the services' own requests.
            "TOPSTITCH_CHECK_MINUTES": "0",
            "FAR_TOKEN": TOKEN,
        }
        self.log = (folder / "processes.log").open("a")
        self.cluster = ensure_running(self.home)
        # Any command brings the tables; a test may begin with a worker and ask for its row before it has.
        subprocess.run([sys.executable, "-m", "topstitch", "connectors", "list"], env=self.environment, check=True)
        self.far_folder = folder / "far"
        self.start_far_end()
        self.store = Store(self.far_folder / f"{SLUG}.sqlite")

    # -- processes ----------------------------------------------------------------------------------------------

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """`topstitch {words}` as a process in a session of its own; what it says goes into the world's log."""
        return self._popen([sys.executable, "-m", "topstitch", *words], **options)

    def _popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        given = {"stdout": self.log, "stderr": self.log, "text": True, "start_new_session": True, **options}
        # A test-suite started in the background of a shell has SIGINT ignored, and its children inherit that.
        given["preexec_fn"] = _hear_interrupts
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, **given)
        self._started.append(process)
        return process

    def worker(self) -> subprocess.Popen[str]:
        """A worker that has begun to work."""
        process = self.start("worker")
        until(lambda: self.alive(process), what="a worker")
        return process

    def alive(self, worker: subprocess.Popen[str]) -> bool:
        """Whether a worker's row is there and locked."""
        assert worker.poll() is None, f"the worker ended with {worker.returncode}: {self.said()}"
        return self.alive_pid(worker.pid)

    def alive_pid(self, pid: int) -> bool:
        """The same of a worker that something else started."""
        locked = (
            "SELECT 1 FROM store_worker w JOIN pg_locks l"
            " ON l.locktype = 'advisory' AND l.classid = 28757 AND l.objid = w.id WHERE w.pid = %s"
        )
        return bool(self.rows(locked, pid))

    def answers(self, path: str) -> bool:
        """Whether the web process answers there."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def lasting_worker(self) -> None:
        """A worker that stays for the tests to come, until one of them wants none."""
        if self._lasting is None or self._lasting.poll() is not None:
            self._lasting = self.worker()

    def no_worker(self) -> None:
        """End that worker."""
        if self._lasting is not None:
            self.kill(self._lasting, signal.SIGTERM)
            self._lasting = None

    def run(self, *words: str, seconds: float = 60) -> Result:
        """A command as a process of its own."""
        process = self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=seconds)
        return Result(process.returncode, out, err)

    def cli(self, *words: Any) -> Result:
        """A command by the hand."""
        if self._hand is None:
            self._hand = self._popen(
                [sys.executable, "-m", "tests.runtime.hand"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert self._hand.stdin and self._hand.stdout
        self._hand.stdin.write(json.dumps(words) + "\n")
        self._hand.stdin.flush()
        answer = self._hand.stdout.readline()
        assert answer, f"the hand broke: {self.said()}"
        return Result(**json.loads(answer))

    def said(self, letters: int = 4000) -> str:
        """The last of what the processes said."""
        return (self.folder / "processes.log").read_text("utf-8")[-letters:]

    def kill(self, process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
        """End a process we started, and wait for its end."""
        process.send_signal(number)
        process.wait(30)

    def kill_postmaster(self) -> None:
        """End the database as a crash does."""
        pid = status(self.home).pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_far_end(self) -> None:
        """Start the far end, or start it again."""
        self._far = self._popen(
            [sys.executable, "-m", "tests.runtime.far_end", str(self.far_port), str(self.far_folder)],
            stdout=subprocess.PIPE,
        )
        assert self._far.stdout and self._far.stdout.readline() == "ready\n", self.said()

    def kill_far_end(self) -> None:
        """Both ends are away from now on."""
        assert self._far and self._far.stdout
        self.kill(self._far)
        self._far.stdout.close()

    def rest(self) -> None:
        """After a test: no processes but the far end, which is as new; the database runs."""
        lasting = (self._hand, self._far, self._lasting)
        keep = [process for process in lasting if process and process.poll() is None]
        for process in self._started:
            if process not in keep:
                self._end(process)
        self._started = keep
        end_all(self.home, {process.pid for process in keep})
        ensure_running(self.home)
        if self._far not in keep:
            self.start_far_end()
        self.rows(
            "UPDATE store_run SET status = 'stopped', ended_at = now(), stop_requested = true WHERE ended_at IS NULL"
        )
        self.rows("UPDATE store_service SET next_due = NULL, active = false")
        self.forget_far_end()

    def _end(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def close(self) -> None:
        """End everything, whatever state it is in."""
        if self._database is not None:
            self._database.close()
        end_all(self.home)
        for process in self._started:
            self._end(process)
        self.store.close()
        self.log.close()
        delete(self.home)

    # -- configuration -------------------------------------------------------------------------------------------

    def apply(self, document: dict[str, Any]) -> Result:
        """Apply a document; fails with what the command said."""
        file = self.folder / "applied.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        result = self.cli("apply", str(file), "--yes")
        assert result.code == 0, result
        return result

    def configure(self, *kinds: str, concurrency: int = 4, prefix: str = "", **parts: Any) -> None:
        """A service for each kind of destination, named as its kind; references are `{kind}-{id}`."""
        document: dict[str, Any] = {"systems": [], "connectors": {}, "services": {}}
        for kind in kinds:
            idempotency, uncertain = KINDS[kind]
            document["systems"].append(definition(f"far-{kind}", idempotency, concurrency=concurrency))
            document["connectors"][kind] = self.connector(f"far-{kind}")
            document["services"][prefix + kind] = service(kind, uncertain=uncertain, prefix=prefix, **parts)
        self.apply(document)

    def connector(self, system: str, **changes: Any) -> dict[str, Any]:
        """A connector of the far end."""
        return {
            "system": system,
            "environment": "test",
            "base_url": f"{self.far_url}/{SLUG}",
            "settings": {"token": {"env": "FAR_TOKEN"}},
            **changes,
        }

    @property
    def far_url(self) -> str:
        return f"http://127.0.0.1:{self.far_port}"

    # -- the far end ------------------------------------------------------------------------------------------------

    def put(self, numbers: Sequence[int], **changes: Any) -> None:
        """Orders to be read."""
        with self.store.transaction():
            for number in numbers:
                self.store.put("orders", number, order(number, **changes))

    def forget_far_end(self) -> None:
        """An empty far end without faults."""
        self.store.clear()
        self._ask_far_end("DELETE")

    def control(self, **values: Any) -> None:
        """Change how the far end behaves."""
        self.store.put("control", "control", {**(self.store.get("control", "control") or {}), **values})

    def fault(self, kind: str, **options: Any) -> None:
        """Switch a fault of the far end on."""
        self._ask_far_end("POST", {"kind": kind, **options})

    def _ask_far_end(self, method: str, body: Any = None) -> None:
        data = json.dumps(body).encode() if body else None
        urlopen(Request(f"{self.far_url}/{SLUG}/_practice/faults", data, method=method)).close()  # loopback

    def arrivals(self, kind: str) -> Counter[int]:
        """How often each record arrived, by its number."""
        with self.store._lock:
            rows = self.store._db.execute(
                "SELECT id, body FROM doc WHERE collection='arrivals' AND id LIKE ?", (f"{kind}-%",)
            ).fetchall()
        return Counter({int(id.rpartition("-")[2]): json.loads(body)["n"] for id, body in rows})

    # -- the ledger ------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Ask the database, through its restarts."""
        for attempt in range(200):
            try:
                if self._database is None or self._database.closed:
                    self._database = psycopg.connect(
                        self.cluster.dsn(), autocommit=True, row_factory=namedtuple_row, connect_timeout=5
                    )
                found = self._database.execute(query, values)
                return found.fetchall() if found.description else []
            except psycopg.OperationalError:
                if self._database is not None:
                    self._database.close()
                if attempt == 199:
                    raise
                time.sleep(0.1)
        raise AssertionError

    def request(self, service: str, **options: Any) -> str:
        """Ask for a run; its sync id."""
        return self.cli("request", service, options).out

    def state(self, run: str) -> Any:
        """The row of a run."""
        return self.rows("SELECT * FROM store_run WHERE id = %s", run)[0]

    def ended(self, run: str, seconds: float = 60) -> Any:
        """The row of a run that is over."""
        return until(
            lambda: (row := self.state(run)).ended_at is not None and row,
            seconds,
            f"the end of run {run}; {self.state(run)}",
        )

    def items(self, service: str) -> Counter[str]:
        """How many items of a service there are in each state."""
        found = self.rows(
            "SELECT i.status, count(*) AS n FROM item i JOIN store_service s ON s.id = i.service_id"
            " WHERE s.name = %s GROUP BY 1",
            service,
        )
        return Counter({row.status: row.n for row in found})


def service(kind: str, *, uncertain: str = "ask", prefix: str = "", **parts: Any) -> dict[str, Any]:
    """A service from the far end's orders to its sales."""
    reference = {
        "to": "reference",
        "from": "id",
        "do": ["other.to_text", {"string.prefix": {"text": f"{prefix}{kind}-"}}],
    }
    return {
        "source": {"connector": kind, "entity": "orders", **parts.get("source", {})},
        "destination": {
            "connector": kind,
            "entity": "sales",
            "uncertain": uncertain,
            **parts.get("destination", {}),
        },
        "mapping": [reference, *MAPPING[1:]],
        "schedules": parts.get("schedules", []),
        **({"webhook": True} if parts.get("webhook") else {}),
    }


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("TOPSTITCH_HOME") == str(home)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def end_all(home: Path, keep: Collection[int] = ()) -> None:
    """End every process that was started for this home, children of killed parents among them, each by its own id.

    PostgreSQL's own have another environment and stay.
    """
    ours = [process for process in psutil.process_iter() if _belongs(process, home)]
    for process in [process for process in ours if process.pid not in {os.getpid(), *keep}]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world, and its end."""
    made = World(folder)
    try:
        yield made
    finally:
        made.close()
