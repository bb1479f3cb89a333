"""Custom scripts: Python written by users, run in a sandbox that has no files, no network and no way out.

with Sandbox() as sandbox:
    sandbox.check(code)
    results = sandbox.run_batch(ScriptSpec("Carriers", 3, code), [ScriptCall(payload="DPD")], environment)
"""

from __future__ import annotations

from topstitch.scripts.model import ScriptCall, ScriptResult, ScriptSpec
from topstitch.scripts.sandbox import Sandbox, shared_sandbox

__all__ = ["Sandbox", "ScriptCall", "ScriptResult", "ScriptSpec", "shared_sandbox"]
