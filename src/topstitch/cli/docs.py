"""Pages that are written from the code: functions, commands, systems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from topstitch import functions
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry

GENERATED = "<!-- Written by `make docs`; edit the code instead. -->\n\n"
PROJECT = Path(__file__).resolve().parents[3]


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="The docs folder, instead of this checkout's.")
@click.option("--check", is_flag=True, help="Write nothing; leave with 1 when a page is out of date.")
def docs(folder: Path | None, check: bool) -> None:
    """Write the generated pages of the documentation."""
    home = folder or PROJECT / "docs"
    if not home.is_dir():
        raise ConfigError(f"there is no folder {home}", hint="Run it in a checkout, or name a folder with --folder.")
    stale = {path: text for path, text in pages().items() if _differs(home / path, text)}
    if check:
        for path in stale:
            click.echo(f"docs/{path} is out of date: make docs")
        raise SystemExit(bool(stale))
    for path, text in stale.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    click.echo(f"{len(stale)} pages written.")


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text("utf-8") != text


def pages() -> dict[str, str]:
    """All generated pages: path below docs -> text."""
    made = {
        "reference/functions.md": _functions(),
        "reference/commands.md": _commands(),
        "reference/coverage.md": _coverage(),
    }
    made |= {f"systems/{entry.slug}.md": _system(entry) for entry in CATALOGUE if entry.folder}
    return made


def _functions() -> str:
    parts = [GENERATED, "# Functions\n"]
    for group in ("string", "number", "date", "array", "other"):
        parts.append(f"\n## {group.capitalize()}\n")
        parts += [_function(f) for f in functions.describe() if f["group"] == group]
    return "".join(parts)


def _function(described: Mapping[str, Any]) -> str:
    takes = " Takes all source fields of a row." if described["takes"] == "values" else ""
    lines = [f"\n### `{described['name']}`\n", f"\n{described['summary']}{takes}\n"]
    if described["params"]:
        lines.append("\n| setting | meaning | default |\n| --- | --- | --- |\n")
        lines += [f"| `{p['name']}` | {_meaning(p)} | {_default(p)} |\n" for p in described["params"]]
    lines.append("\n| in | settings | out |\n| --- | --- | --- |\n")
    for example in described["examples"]:
        out = f"fails: {_cell(example['fails'])}" if "fails" in example else _code(example["output"])
        lines.append(f"| {_code(example['input'])} | {_code(example['args']) if example['args'] else ''} | {out} |\n")
    return "".join(lines)


def _meaning(param: Mapping[str, Any]) -> str:
    choices = ", ".join(f"`{choice}`" for choice in param.get("choices", ()))
    said = "; ".join(filter(None, (_cell(param["title"]), _cell(param.get("help", "")))))
    return f"{said}: {choices}" if choices else said


def _default(param: Mapping[str, Any]) -> str:
    return "required" if param.get("required") else _code(param.get("default"))


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _code(value: object) -> str:
    return f"`{_cell(json.dumps(value, ensure_ascii=False, default=str))}`"


def _commands() -> str:
    from topstitch.cli.main import main

    parts = [GENERATED, "# Commands\n"]
    for path, command in _walk(main, ("topstitch",)):
        context = click.Context(command, info_name=path[-1])
        parts.append(
            f"\n## `{' '.join(path)}`\n\n```\n{command.get_help(context).replace(path[-1], ' '.join(path), 1)}\n```\n"
        )
    return "".join(parts)


def _coverage() -> str:
    from topstitch.engine.proposals.coverage import coverage

    entries = [entry for entry in CATALOGUE if entry.folder]
    by_entity: dict[str, list[str]] = {}
    for each in sorted(coverage(entries, entries), key=lambda each: (each.source, each.destination)):
        filled = f"{len(each.filled)} of {len(each.filled) + len(each.left)}"
        needed = f"{len(each.required_filled)} of {len(each.required_filled) + len(each.required_left)}"
        left = ", ".join(f"`{one.field.path}` ({_cell(one.reason)})" for one in each.required_left)
        line = f"| {each.source} | {each.destination} | {filled} | {needed}{': left to you ' if left else ''}{left} |\n"
        by_entity.setdefault(each.entity, []).append(line)
    parts = [GENERATED, "# What default mappings fill\n\n", _COVERAGE]
    for entity, lines in sorted(by_entity.items()):
        heading = entity.replace("_", " ").capitalize()
        parts.append(f"\n## {heading}\n\n| from | to | fields filled | required ones |\n| --- | --- | --- | --- |\n")
        parts += lines
    return "".join(parts)


_COVERAGE = (
    "Of the fields that can be written, how many a default mapping fills; most of the rest is peculiar to the destination.\n"
    "`topstitch mapping coverage --missing` says of each why it is left: see [mapping](../guide/mapping.md).\n"
)


def _walk(command: click.Command, path: Sequence[str]) -> Iterator[tuple[Sequence[str], click.Command]]:
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(command.commands[name], (*path, name))
    else:
        yield path, command


def _system(entry: Entry) -> str:
    assert entry.folder is not None
    readme = (
        (entry.folder / "README.md").read_text("utf-8")
        if (entry.folder / "README.md").exists()
        else f"# {entry.name}\n"
    )
    parts = [GENERATED, readme.rstrip(), "\n\n## Fields\n"]
    for entity in entry.system.entities:
        parts.append(
            f"\n### {entity.label}\n\n| path | label | type | direction | tag |\n| --- | --- | --- | --- | --- |\n"
        )
        for f in entry.fields(entity.name):
            direction = "read" if not f.writable else "write" if not f.readable else "both"
            star = " (required)" if f.required else ""
            kind = f"{f.type} {f.format}".strip()
            parts.append(f"| `{f.path}` | {_cell(f.label)}{star} | {_cell(kind)} | {direction} | {f.tag} |\n")
    return "".join(parts)


COMMANDS = (docs,)
