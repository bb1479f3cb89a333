"""YAML as people mean it: `no` is Norway, 007 is an article number, 12:30 is a time, 2026-01-31 stays as it was written.

The older rules of YAML make false, 7, 750 and a date object of these. Here only true, false, null and plain decimal numbers
are anything else than text, much as in YAML 1.2's core schema; a number with leading zeros is text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from topstitch.errors import ConfigError

MAX_BYTES = 5 * 1024 * 1024


class Loader(yaml.SafeLoader):
    """Reads with few implicit types."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # as its base declares it


def _resolve(tag: str, pattern: str, first: str) -> None:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolve("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
# A sign before a bare point makes text: what writes YAML leaves "-.5" without quotes.
_resolve("float", r"^(?:[-+]?(?:0|[1-9][0-9]*))\.[0-9]+(?:[eE][-+][0-9]+)?$", "-+0123456789")
_resolve("float", r"^\.[0-9]+(?:[eE][-+][0-9]+)?$", ".")
_resolve("null", r"^(?:~|null|Null|NULL|)$", "~nN")
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
_resolve("merge", r"^(?:<<)$", "<")


def compose(text: str) -> yaml.Node | None:
    """The tree of a document, with the places of its parts. Raises yaml.YAMLError."""
    return yaml.compose(text, Loader=Loader)


def load(text: str) -> Any:
    """What a document says. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=Loader)  # derived from the safe one


def read(path: Path) -> tuple[yaml.Node | None, Any]:
    """The tree of a file and what it says. Raises ConfigError with file and line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB", place=path.name)
        text = path.read_text("utf-8-sig")
        return compose(text), load(text)
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", place=path.name) from error
    except RecursionError as error:
        raise nested(path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8 text", place=path.name) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise ConfigError(f"this is not YAML: {error.problem}", place=where) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"this is not YAML: {error}", place=path.name) from error


def nested(path: Path) -> ConfigError:
    """What to say of a file whose parts have no end."""
    return ConfigError("the file is nested too deeply, or a part of it contains itself", place=path.name)
