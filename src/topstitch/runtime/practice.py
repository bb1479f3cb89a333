"""The practice servers of all systems in one process: HTTP systems below their slugs, and a real SFTP server."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.practice import PracticeServer


class PracticeServers:
    """A context manager. State is kept in `folder`, so that a restart forgets nothing."""

    def __init__(self, folder: Path, *, port: int, sftp: str, only: str | None = None) -> None:
        chosen = [CATALOGUE.get(only)] if only else [entry for entry in CATALOGUE if entry.has_practice]
        self._http = [entry.practice for entry in chosen if entry.practice]
        self._files = [entry for entry in chosen if entry.practice_files]
        if only and not self._http and not self._files:
            raise ConfigError(f"{chosen[0].name} has no practice server", place=only)
        self._folder, self._port, self._sftp = folder, port, sftp
        self._stack = ExitStack()
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self) -> PracticeServers:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            server = self._stack.enter_context(PracticeServer(self._http, port=self._port, folder=self._folder))
        except OSError as error:
            raise ConfigError(
                f"the practice servers cannot listen on port {self._port}: {error.strerror}",
                place="TOPSTITCH_PRACTICE_PORT",
                hint="Another installation may be running; choose another port.",
            ) from error
        self.url = server.url
        for entry in self._files:
            self._start_files(entry)
        return self

    def _start_files(self, entry: Entry) -> None:
        """A real file server over a folder that the system fills with invented files."""
        assert entry.practice_files is not None
        _, _, port = self._sftp.rpartition(":")
        folder = self._folder / entry.slug / "files"
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._stack.enter_context(entry.practice_files(folder, port=int(port)))

    def __exit__(self, *_: object) -> None:
        self._stack.close()
