"""What the server is told: settings, and who may connect. Written by us at every start; users have custom.conf."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from topstitch.runtime.postgres.account import Account
from topstitch.runtime.postgres.layout import Layout

ADMIN = "postgres"
ROLE = "topstitch"

SETTINGS: Mapping[str, str] = {
    # Small, and still good at bulk writes.
    "max_connections": "100",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # No read-ahead processes; no parallel queries, which fail at random where a container has 64 MB of /dev/shm.
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    # What is committed is on the disk. Moving and backing up is pg_dump's work, so the WAL serves recovery only.
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_buffers": "16MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    # Queues and items are updated all the time: sweep early, in small bites.
    "autovacuum_naptime": "30s",
    "autovacuum_max_workers": "2",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_vacuum_cost_limit": "1000",
    # Terse: the details of an error can quote records, which are nobody's business in a log.
    "logging_collector": "on",
    "log_filename": "postgresql-%Y%m%dT%H%M%S.log",
    "log_file_mode": "0600",
    "log_rotation_size": "10MB",
    "log_rotation_age": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
}


def write_config(layout: Layout, account: Account, overrides: Mapping[str, str]) -> None:
    """Write the settings and the access rules beside the data; files that are right already are left alone."""
    custom = layout.state / "custom.conf"
    access, names = layout.state / "pg_hba.conf", layout.state / "pg_ident.conf"
    settings = {
        "cluster_name": layout.name,
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(layout.sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "port": "5432",
        "hba_file": str(access),
        "ident_file": str(names),
        "log_directory": str(layout.logs),
        **SETTINGS,
        **overrides,
    }
    lines = [
        "# Written by Topstitch at every start. Your own settings go into custom.conf beside this file; they win.",
        f"include {_quoted(layout.data / 'postgresql.conf')}",
        *(f"{name} = {_quoted(value)}" for name, value in settings.items()),
        f"include {_quoted(custom)}",
    ]
    if not custom.exists():
        _write(custom, ["# Your own PostgreSQL settings: read at every start, never overwritten."])
    _write(layout.config, lines)
    # The folder of the socket lets nobody else in; asking the kernel who connects is the second lock on the same door.
    _write(access, [f"local all all peer map={ROLE}"])
    _write(names, [f'{ROLE} "{user}" {role}' for user in _users(account) for role in (ADMIN, ROLE)])


def _users(account: Account) -> list[str]:
    return sorted({account.name, "root"} if os.geteuid() == 0 else {account.name})


def _quoted(value: str | Path) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def _write(path: Path, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    if path.exists() and path.read_text() == text:
        return
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.chmod(0o644)  # read by the server's account; the folder keeps strangers out, and there is no secret in it
    draft.replace(path)
