"""One sandbox for all of these tests, as a worker has one for all of its runs."""

from __future__ import annotations

import pytest

from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT
from topstitch.scripts import Sandbox, ScriptCall, ScriptSpec


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as made:
        yield made


@pytest.fixture
def results(sandbox):
    """`results(code, payload, ...)`: what became of each call."""

    def run(code, *payloads, env=EXAMPLE_ENVIRONMENT, meta=None, given=None, **spec):
        calls = [ScriptCall(payload, meta or {}, given or {}) for payload in payloads or (None,)]
        return sandbox.run_batch(ScriptSpec("Carriers", 3, code, **spec), calls, env)

    return run


@pytest.fixture
def result(results):
    """The same for one call."""
    return lambda code, *payload, **rest: results(code, *payload, **rest)[0]
