"""Scripts that mean harm, or do it without meaning it: stopped with a clear error, at no cost to anything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from topstitch.errors import ScriptError, ScriptPostponed
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT
from topstitch.scripts import Sandbox, ScriptCall, ScriptSpec

NO_WAY_OUT = "no files, no network"


@pytest.fixture(autouse=True)
def _usable_afterwards_and_no_larger(results):
    """After each of these tests the sandbox works, and we have not grown by what the script wanted."""
    before = psutil.Process().memory_info().rss
    yield
    assert results("def handle(data): data['payload'] += 1", 1)[0].payload == 2
    assert psutil.Process().memory_info().rss - before < 150_000_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("open('/etc/passwd').read()", "Permission denied"),
        ("open('/tmp/x', 'w').write('x')", "Permission denied"),
        ("import os; os.listdir('/')", "Permission denied"),
        ("import os; os.environ", "not supported"),
        ("import os; os.system('id')", "no attribute 'system'"),
        ("from pathlib import Path; Path('/etc/passwd').read_text()", "Permission denied"),
        ("import subprocess", "No module named 'subprocess'"),
        ("import socket", "No module named 'socket'"),
        ("import ctypes", "No module named 'ctypes'"),
        ("import builtins", "No module named 'builtins'"),
        ("__import__('os')", "not defined"),
        ("globals()", "not defined"),
        ("().__class__.__bases__[0].__subclasses__()", "no attribute '__class__'"),
        ("getattr((), '__class__')", "no attribute '__class__'"),
        ("type(()).__subclasses__()", "no attribute"),
        ("'{0.__class__}'.format(1)", "no attribute '__class__'"),
        ("handle.__globals__", "no attribute '__globals__'"),
        ("call.__self__", "no attribute"),
        ("raise KeyboardInterrupt('x')", "KeyboardInterrupt"),
        ("raise BaseException('x')", "BaseException: x"),
        ("raise SystemExit", "SystemExit"),
        ("raise ValueError('x' * 10_000_000)", "ValueError: xxx"),
        ("handle(data)", "maximum recursion depth"),
        ("int('9' * 5000)", "Exceeds the limit"),
        (r"import re; re.match(r'(a+)+\1$', 'a' * 60 + 'b')", "backtracking"),
        ("a = [1]\n    for _ in range(200): a = [a]\n    data['payload'] = a", "nested more than 100 deep"),
    ],
)
def test_what_is_not_there_is_refused_with_its_line(result, line, said):
    error = result(f"def handle(data):\n    {line}", timeout=1).error
    assert isinstance(error, ScriptError)
    assert said in error.message
    assert len(error.message) < 1000
    assert error.hint


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("while True: pass", "script_time"),
        ("while True:\n        try:\n            while True: pass\n        except BaseException: pass", "script_time"),
        ("while True: print('x' * 1000)", "script_time"),
        ("while True: string_upper('a')", "script_time"),
        ("while True:\n        try: string_upper('a')\n        except BaseException: pass", "script_time"),
        ("sum(range(10 ** 12))", "script_time"),
        ("x = 'x'\n    while True: x += x", "script_memory"),
        (
            "x = []\n    while True:\n        try: x.append('x' * 1000)\n        except BaseException: pass",
            "script_memory",
        ),
        ("[0] * 10 ** 10", "script_memory"),
        ("list(range(10 ** 10))", "script_memory"),
        ("10 ** 10 ** 9", "script_memory"),
        ("f'{1:>10000000000}'", "script_memory"),
        ("'%1000000000d' % 1", "script_memory"),
        ("data['payload'] = ['x' * 1_000_000] * 300", "script_memory"),
        ("data['payload'] = 'x' * 40_000_000", "script_output"),
    ],
)
def test_a_limit_stops_a_script_within_its_time_and_it_is_not_tried_again(result, line, key):
    began = time.monotonic()
    error = result(f"def handle(data):\n    {line}", timeout=0.5, memory=256 if key == "script_output" else 48).error
    assert isinstance(error, ScriptError)
    assert error.key == key
    assert time.monotonic() - began < 4


def test_a_value_that_is_small_inside_and_endless_outside_is_stopped(result):
    bomb = "def handle(data):\n    a = [1]\n    for _ in range(60): a = [a, a]\n    "
    returned = result(bomb + "data['payload'] = a", timeout=0.5, memory=48).error
    assert returned is not None and returned.key in ("script_time", "script_memory", "script_output")
    passed = result(bomb + "string_upper(a)", timeout=5).error
    assert passed is not None and "too large" in passed.message


def test_an_endless_loop_in_one_call_stops_that_call_only(results):
    code = "def handle(data):\n    while data['payload'] == 7: pass\n    data['payload'] *= 2"
    began = time.monotonic()
    made = results(code, *range(200), timeout=0.5)
    assert [one.payload for one in made] == [None if n == 7 else n * 2 for n in range(200)]
    assert made[7].error is not None and made[7].error.key == "script_time"
    assert "0.5 seconds" in made[7].error.message
    assert time.monotonic() - began < 4


def test_a_call_that_eats_memory_stops_itself_only(results):
    code = "def handle(data):\n    if data['payload'] == 3: [0] * 10 ** 9\n    data['payload'] *= 2"
    made = results(code, *range(20))
    assert [one.payload for one in made] == [None if n == 3 else n * 2 for n in range(20)]
    assert made[3].error is not None and made[3].error.key == "script_memory"


def test_a_slow_script_has_its_time_for_each_record_and_not_for_all_together(results):
    code = "import time\ndef handle(data):\n    end = time.monotonic() + 0.15\n    while time.monotonic() < end: pass"
    made = results(code, *range(8), timeout=0.6)
    assert [one.error for one in made] == [None] * 8


def test_after_ten_stopped_calls_the_rest_of_the_batch_is_not_tried(results):
    began = time.monotonic()
    made = results("def handle(data):\n    while True: pass", *range(50), timeout=0.05)
    keys = [one.error.key for one in made]
    assert keys.count("script_time") == 10
    assert keys.count("script_given_up") == 40
    assert {type(one.error) for one in made if one.error.key == "script_given_up"} == {ScriptPostponed}
    assert time.monotonic() - began < 8


def test_sleeping_takes_no_time(result):
    began = time.monotonic()
    assert result("import time\ndef handle(data):\n    time.sleep(3600)\n    data['payload'] = 1").payload == 1
    assert time.monotonic() - began < 2


def test_a_failing_call_is_tried_three_more_times(results):
    tried = []

    class Env:
        now, zone, variables = EXAMPLE_ENVIRONMENT.now, "UTC", {}

        def lookup(self, name):
            return self

        def find(self, value, *, reverse, match, field=""):
            tried.append(value)
            return value

    code = "def handle(data):\n    n = other_map(data['payload'], table='t')\n    1 / (n - 2)\n    data['payload'] = n"
    made = results(code, 1, 2, 3, env=Env())
    assert [one.payload for one in made] == [1, None, 3]
    assert tried == [1, 2, 3, 2, 2, 2]
    assert made[1].error is not None and made[1].error.line == 3


def test_a_call_that_works_the_third_time_has_worked(result):
    counter = iter(range(10))

    class Env:
        now, zone, variables = EXAMPLE_ENVIRONMENT.now, "UTC", {}

        def lookup(self, name):
            return self

        def find(self, value, *, reverse, match, field=""):
            return next(counter)

    made = result(
        "def handle(data):\n    n = other_map('x', table='t')\n    data['payload'] = 10 // (n // 2)", env=Env()
    )
    assert (made.payload, made.error) == (10, None)


def workers():
    return [child for child in psutil.Process().children() if "monty" in child.name()]


def kill_when_it_runs():
    """Kill the process of a sandbox that is at work."""
    for _ in range(400):
        for child in workers():
            if child.cpu_times().user > 0.3:
                os.kill(child.pid, signal.SIGKILL)
                return
        time.sleep(0.01)


def test_a_sandbox_that_is_killed_is_started_again_and_the_calls_are_repeated():
    code = """
import time
def handle(data):
    if data["payload"] == 5:
        end = time.monotonic() + 0.8
        while time.monotonic() < end: pass
    data["payload"] *= 2
"""
    with Sandbox() as sandbox:
        killer = threading.Thread(target=kill_when_it_runs)
        killer.start()
        made = sandbox.run_batch(ScriptSpec("x", 1, code), [ScriptCall(n) for n in range(20)], EXAMPLE_ENVIRONMENT)
        killer.join()
    assert [one.payload for one in made] == [n * 2 for n in range(20)]


def test_an_idle_sandbox_that_is_killed_is_replaced(sandbox, results):
    results("def handle(data): pass", 1)
    for child in workers():
        os.kill(child.pid, signal.SIGKILL)
    assert results("def handle(data): data['payload'] += 1", 1)[0].payload == 2


def test_threads_share_a_sandbox(results):
    made = {}

    def work(n):
        made[n] = [one.payload for one in results(f"def handle(data): data['payload'] += {n}", *range(50))]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {n: [i + n for i in range(50)] for n in range(8)}


def test_a_sandbox_that_was_closed_leaves_no_process_and_starts_again_when_used():
    others = {child.pid for child in workers()}
    sandbox = Sandbox()
    spec, calls = ScriptSpec("x", 1, "def handle(data): pass"), [ScriptCall(1)]
    assert sandbox.run_batch(spec, calls, EXAMPLE_ENVIRONMENT)[0].payload == 1
    sandbox.close()
    assert {child.pid for child in workers()} == others
    assert sandbox.run_batch(spec, calls, EXAMPLE_ENVIRONMENT)[0].payload == 1
    sandbox.close()


def test_a_killed_owner_leaves_no_process_behind():
    code = textwrap.dedent(
        """
        import os, signal, psutil
        from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT
        from topstitch.scripts import Sandbox, ScriptCall, ScriptSpec
        sandbox = Sandbox()
        sandbox.run_batch(ScriptSpec("x", 1, "def handle(data): pass"), [ScriptCall(1)], EXAMPLE_ENVIRONMENT)
        print(*[child.pid for child in psutil.Process().children()], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    out = done.stdout.split()
    assert out, done.stderr
    for pid in map(int, out):
        for _ in range(300):
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                break
            time.sleep(0.01)
        else:
            pytest.fail("the sandbox outlived its owner")


def test_calls_that_somebody_waits_for_end_together(sandbox):
    code = "def handle(data):\n    if data['payload'] != 1:\n        while True: pass\n    return data"
    began = time.monotonic()
    spec, calls = ScriptSpec("x", 1, code, timeout=1.0), [ScriptCall(number) for number in range(1, 9)]
    first, *others = sandbox.run_batch(spec, calls, EXAMPLE_ENVIRONMENT, seconds=1.5)
    assert time.monotonic() - began < 4
    assert first.payload == 1
    assert others[0].error.key == "script_time", "it had its own time"
    assert {other.error.key for other in others[1:]} == {"script_out_of_time"}
