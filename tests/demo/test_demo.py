"""The demo as a new user runs it: one command, real processes, every figure right."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from topstitch.demo.play import delete


@pytest.mark.xdist_group("processes")
def test_the_demo_plays_twice_with_every_figure_right(tmp_path, request):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOPSTITCH_")}
    environment["TOPSTITCH_HOME"] = str(tmp_path / "home")
    request.addfinalizer(lambda: delete(tmp_path / "home" / "demo-once"))
    for _ in range(2):
        played = subprocess.run(
            [sys.executable, "-m", "topstitch", "demo", "--once"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert played.returncode == 0, played.stdout + played.stderr
        assert "Every figure is as expected." in played.stdout
        assert "What did not arrive, and why" in played.stdout
