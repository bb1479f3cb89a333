"""`python -m topstitch.checks`: house rules that no tool knows. Prints what is wrong and leaves with 1."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
PROJECT = SOURCE.parent.parent
LONGEST_MODULE = 400
#: A long module says why in its docstring: "Long because ...".
REASON = re.compile(r"[Ll]ong because")
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX)\b")


def main() -> None:
    """Check, print, leave."""
    problems = [*long_modules(), *unfinished(), *unversioned_models(), *registry_addresses()]
    for problem in problems:
        print(problem)  # this is a command
    sys.exit(bool(problems))


def _modules() -> Iterator[Path]:
    ours = (path for path in sorted(SOURCE.rglob("*.py")) if not {"migrations", "tests"} & set(path.parts))
    return (path for path in ours if path != Path(__file__).resolve())


def long_modules() -> Iterator[str]:
    """Modules over the limit without a reason at their top."""
    for path in _modules():
        text = path.read_text("utf-8")
        count = text.count("\n")
        if count > LONGEST_MODULE and not REASON.search(text[:1500]):
            yield f"{path.relative_to(PROJECT)}: {count} lines, and no reason at its top"


def unfinished() -> Iterator[str]:
    """What somebody meant to come back to."""
    for path in _modules():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if UNFINISHED.search(line):
                yield f"{path.relative_to(PROJECT)}:{number}: unfinished: {line.strip()[:80]}"


def unversioned_models() -> Iterator[str]:
    """Models that changed without a migration."""
    import django
    from django.core.management import call_command

    from topstitch.runtime.django import configure_without_database

    configure_without_database()
    django.setup()
    try:
        with warnings.catch_warnings():
            # There is no server to compare the history with, and none is needed.
            warnings.simplefilter("ignore", RuntimeWarning)
            call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    except SystemExit:
        yield "models changed: run `.venv/bin/python -m django makemigrations`"


def registry_addresses() -> Iterator[str]:
    """Pins name versions, not addresses."""
    constraints = PROJECT / "constraints.txt"
    for number, line in enumerate(constraints.read_text("utf-8").splitlines() if constraints.exists() else (), 1):
        if "://" in line or " @ " in line or line.startswith("-"):
            yield f"constraints.txt:{number}: an address: {line}"


if __name__ == "__main__":
    main()
