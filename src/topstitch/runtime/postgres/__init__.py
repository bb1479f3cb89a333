"""The embedded PostgreSQL: one private cluster per home, on a socket that nobody else can reach."""

from topstitch.runtime.postgres.logs import prune as prune_logs
from topstitch.runtime.postgres.server import Cluster, Status, cluster_of, delete, ensure_running, status, stop
from topstitch.runtime.postgres.url import database_url

start = ensure_running

__all__ = [
    "Cluster",
    "Status",
    "cluster_of",
    "database_url",
    "delete",
    "ensure_running",
    "prune_logs",
    "start",
    "status",
    "stop",
]
