"""A person's hand on one home, as a process: runs commands of the command line without starting Python for each.

A line in is a JSON list of arguments, a line out is `{"code", "out", "err"}`. What the command line has no word for:
`["request", service, options]` asks for a run without waiting for it and gives its sync id, `["token", service]` gives that of
its webhook, `["remove", service]` removes it.
"""

from __future__ import annotations

import json
import sys
from traceback import format_exception

from click.testing import CliRunner
from django.db import close_old_connections

from topstitch.cli.main import main
from topstitch.cli.start import ready


def request(service: str, options: dict) -> str:
    from topstitch.cli.runs import service_named
    from topstitch.store.actions.runs import request_run

    return str(request_run(service_named(service), options=options).pk)


def token(service: str) -> str:
    from topstitch.cli.runs import service_named
    from topstitch.store.actions.webhooks import token_of
    from topstitch.store.models import Webhook

    return token_of(Webhook.objects.get(service=service_named(service)))


def remove(service: str) -> str:
    from topstitch.cli.runs import service_named
    from topstitch.store.actions.removal import remove_service

    remove_service(service_named(service), typed=service)
    return ""


DEEDS = {"request": request, "token": token, "remove": remove}


def handle(words: list) -> dict:
    close_old_connections()
    if deed := DEEDS.get(words[0]):
        return {"code": 0, "out": deed(*words[1:]), "err": ""}
    result = CliRunner().invoke(main, words, prog_name="topstitch")
    if result.exception and not isinstance(result.exception, SystemExit):
        # What a person would see as a traceback.
        return {"code": -1, "out": result.stdout, "err": "".join(format_exception(result.exception))}
    return {"code": result.exit_code, "out": result.stdout, "err": result.stderr}


if __name__ == "__main__":
    ready()
    for line in sys.stdin:
        print(json.dumps(handle(json.loads(line))), flush=True)
