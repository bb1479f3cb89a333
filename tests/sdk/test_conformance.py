"""Each question of the conformance suite finds what it is there to find: a sound system is broken in one place at a time."""

from __future__ import annotations

import json

import pytest
from tests.sdk.support import change

from topstitch.sdk.conformance import QUESTIONS, Answer, examine, tier_of
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import Throttle


def test_a_finished_system_passes_and_is_gold(workshop):
    answers = workshop.ask(workshop.finished())

    assert {a.question: a.detail for a in answers.values() if a.failed} == {}
    assert list(answers) == [key for key in answers if key in QUESTIONS] and len(answers) == len(QUESTIONS)
    assert tier_of(answers.values()) == "gold"
    assert {key for key, a in answers.items() if a.state == "not asked"} == {"read.filters"}


GIVE_UP = "http=Http(retries=Retries.off(),"
BROKEN = [
    # file, what is there, what is put there, the question that must find it, words of its answer
    ("manifest.toml", 'allowed_hosts = ["api.', 'allowed_host = ["api.', "folder.manifest", "allowed_hosts"),
    ("manifest.toml", 'sunset = ""', 'sunset = "soon"', "folder.manifest", "'soon' is no date"),
    ("manifest.toml", "write = true", "write = false", "folder.entities", "says write = false"),
    ("manifest.toml", "[entities.orders]", "[entities.refunds]", "folder.entities", "not in the manifest"),
    ("README.md", "## Removal", "## Farewell", "folder.readme", "'Removal' is missing"),
    ("README.md", "| orders |", "| things |", "folder.readme", "orders is not mentioned"),
    ("icon.svg", "<circle", '<image href="https://acme.example/logo.png"/><circle', "folder.icon", "<image>"),
    ("icon.svg", 'fill="none"', 'fill="url(https://acme.example/x)"', "folder.icon", "points outside"),
    ("icon.svg", "</svg>", "", "folder.icon", "not XML"),
    ("system.py", 'label="API token"', 'label="token"', "settings.words", "no label"),
    ("practice.py", '"token": TOKEN', '"key": TOKEN', "settings.practice", "unknown setting 'key'"),
    ("manifest.toml", '["api.', '["other.', "settings.hosts", "is not among other."),
    ("system.py", 'kind="url"', 'kind="text"', "settings.places", "it decides where requests go"),
    ("system.py", 'test=GetTest("/me")', "test=_test", "settings.masked", "the log shows a secret"),
    ("practice.py", '!= f"Bearer {TOKEN}"', '== "Bearer "', "test.refused", "a wrong value is taken for good"),
    ("practice.py", '"The token is not known"}, 401', '"No"}, 400', "test.refused", "it is no AuthError"),
    ("practice.py", '"/v1/me"', '"/v1/you"', "test.passes", "MissingReference"),
    ("fields/*", '"id" =', '"ID" =', "fields.listed", "its key id is not in its field list"),
    ("fields/*", 'tag = "note"', 'tag = "remark"', "fields.tags", "'remark' is no tag of orders"),
    ("fields/*", '"email" =', '"mail" =', "fields.samples", "email is in a sample"),
    ("fields/*", '"email" =', '"mail" =', "fields.occur", "mail never occurs"),
    ("samples/*", '"total": "12.50"', '"total": "dear"', "fields.types", "total is money"),
    ("samples/*", "2026-03-01T", "1 March ", "fields.types", "created_at is datetime"),
    ("practice.py", "found[(page - 1) * size :", "found[(page - 1) * size + (page > 1) :", "read.pages", "lose"),
    (
        "practice.py",
        "found[(page - 1) * size :",
        "found[(page - 1) * size - (page > 5) :",
        "read.once",
        "small pages 9 records",
    ),
    ("practice.py", "range(1, 41)", "range(1, 2)", "read.pages", "too few to turn a page"),
    ("system.py", "pages=_LIST", "pages=_again", "read.resume", "after page 1 it resumes with"),
    ("system.py", 'since="updated_after"', 'since="changed"', "read.since", "since makes no difference"),
    ("practice.py", '["updated_at"] >= asked', '["updated_at"] > asked', "read.since", "loses"),
    ("practice.py", "found.sort(", "found.sort(reverse=True, ", "read.ordered", "changed earlier comes after"),
    ("system.py", "by_ids=_LIST.by_ids, ", "", "read.by_ids", "cannot be read by id"),
    ("practice.py", '"No such order"}, 404', '"No such order"}, 400', "read.by_ids", "RemoteRejected"),
    ("system.py", 'path="updated_at"', 'path="changed_at"', "read.modified", "have no changed_at"),
    ("system.py", 'path="updated_at"', 'path="number"', "read.modified", "number: "),
    ("samples/*", '"number": "A-901"', '"number": ""', "write.accepts", "number must be given"),
    ("system.py", "Idempotency.LOOKUP", "Idempotency.NATURAL_KEY", "write.repeat", "holds 44 orders where it held 42"),
    ("system.py", '{"number": "number"}', '{"num": "number"}', "write.finds", "before it was ever sent"),
    ("practice.py", "return _refused(given) or", "return", "write.rejects", "no record was refused"),
    ("system.py", 'push=RestWrite(path="/orders", ', "push=_safe, #", "write.dry", "the far end has changed"),
    ("system.py", "http=Http(", GIVE_UP, "fault.reads", "it does not bear 429"),
    ("system.py", "pages=_LIST", "pages=_hasty", "fault.retry_after", "where 429 asked for 0.25 s"),
    ("system.py", "limits=Limits(", "rules=_RULES, limits=Limits(", "fault.outage", "RemoteRejected"),
    ("system.py", "limits=Limits(", "rules=_RULES, limits=Limits(", "fault.writes", "the record is rejected"),
    (
        "system.py",
        'path="/orders", update',
        'idempotent=True, path="/orders", update',
        "fault.lost",
        "it holds 42 orders",
    ),
    ("system.py", "requests=20", "requests=200", "pace.kept", "were refused as too many"),
]
HELPERS = """
from base64 import b64encode

from topstitch.net.retry import Retries
from topstitch.sdk import ErrorRule, RemoteRejected, TemporaryError, Verdict

_RULES = (ErrorRule(RemoteRejected, status=503),)


def _test(conn):
    conn.log("info", "sent " + b64encode(("x" + conn["token"]).encode()).decode())
    return GetTest("/me")(conn)


def _again(conn, query, cursor):
    yield from _LIST(conn, query, None)


def _safe(conn, batch, options):
    return [Verdict.created(conn.http.post("/orders", json=o.record, safe=True).json()["id"]) for o in batch]


def _hasty(conn, query, cursor):
    for _ in range(5):
        try:
            yield from _LIST(Hasty(conn), query, cursor)
            return
        except TemporaryError:
            continue


class Hasty:
    def __init__(self, conn):
        import copy

        self.http = copy.copy(conn.http)
        self.http._retries = Retries.off()
        self.http._budget = Free()


class Free:
    def acquire(self, **_):
        pass

    def release(self):
        pass

    def penalise(self, seconds):
        pass


"""


def broken(workshop, file, old, new):
    folder = workshop.finished()
    name = f"{file[:-1]}orders.{'toml' if file[0] == 'f' else 'json'}" if file.endswith("*") else file
    change(folder / name, old, new)
    if file == "system.py":
        change(folder / name, "# What a person fills in", f"{HELPERS}# What a person fills in")
    return folder


@pytest.mark.parametrize(("file", "old", "new", "question", "words"), BROKEN)
def test_a_broken_system_is_found_out(workshop, file, old, new, question, words):
    answer = workshop.ask(broken(workshop, file, old, new), question)[question]

    assert answer.state == "failed"
    assert words in answer.detail


def test_a_question_that_breaks_off_tells_where_and_the_others_are_asked(workshop):
    folder = workshop.finished()
    change(folder / "system.py", 'test=GetTest("/me")', "test=lambda conn: 1 / 0")

    answers = workshop.ask(folder, "test.passes", "read.pages")

    assert "ZeroDivisionError" in answers["test.passes"].detail and "system.py:" in answers["test.passes"].detail
    assert answers["read.pages"].state == "passed"


def test_a_system_that_cannot_be_imported_fails_one_question_and_the_rest_is_not_asked(workshop):
    folder = workshop.finished()
    change(folder / "system.py", "SYSTEM = System(", "SYSTEM = Sistem(")

    answers = workshop.ask(folder)

    assert answers["folder.python"].failed and "Sistem" in answers["folder.python"].detail
    assert answers["folder.readme"].state == "passed"
    assert {a.state for key, a in answers.items() if key.startswith(("read.", "write.", "fault."))} == {"not asked"}


def test_a_practice_server_that_cannot_be_imported_fails_a_question(workshop):
    folder = workshop.finished()
    change(folder / "practice.py", "THROTTLE = Throttle(20, 1.0)", "THROTTLE = Throttle()")

    answers = workshop.ask(folder)

    assert answers["folder.practice"].failed and "Throttle" in answers["folder.practice"].detail
    assert answers["read.pages"].state == "not asked"


def test_a_bad_record_that_spoils_its_batch_is_found_out(workshop):
    folder = workshop.finished()
    push = "push=lambda conn, batch, options: _all(conn, batch), batch=10, #"
    change(folder / "system.py", 'push=RestWrite(path="/orders", ', push)
    helper = "def _all(conn, batch):\n    return [RestWrite(path='/orders')._one(conn, o) for o in batch]\n\n\n"
    spoiling = helper.replace("return [", "[conn.http.post('/orders', json=o.record) for o in batch]\n    return [")
    change(folder / "system.py", "# What a person fills in", f"{spoiling}# What a person fills in")

    detail = workshop.ask(folder, "write.rejects")["write.rejects"].detail

    assert "beside a bad record, good record 1: rejected" in detail


def test_an_exemption_with_its_reason_is_shown(workshop):
    folder = workshop.finished()
    change(folder / "system.py", "by_ids=_LIST.by_ids, ", "")
    exempt(folder, '"read.by_ids/orders" = "Acme shows lists only."')

    answers = workshop.ask(folder, "read.pages", "read.by_ids")

    assert answers["read.by_ids"].state == "exempt"
    assert answers["read.by_ids"].detail == "orders: Acme shows lists only."
    assert tier_of(answers.values()) == "gold"


def test_a_whole_question_can_be_left_out(workshop):
    folder = workshop.finished()
    exempt(folder, '"pace.kept" = "No limit is published."')

    assert workshop.ask(folder, "pace.kept")["pace.kept"].state == "exempt"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"read.fast" = "It is slow."', "there is no question 'read.fast'"),
        ('"read.since" = " "', "gives no reason"),
    ],
)
def test_an_exemption_from_nothing_or_without_reason_fails(workshop, line, words):
    folder = workshop.finished()
    exempt(folder, line)

    answers = workshop.ask(folder, "folder.manifest")

    assert words in answers["exemptions"].detail
    assert tier_of(answers.values()) is None


def test_an_exemption_that_is_not_needed_fails(workshop):
    folder = workshop.finished()
    exempt(folder, '"read.by_ids/orders" = "Acme shows lists only."')

    answer = workshop.ask(folder, "read.by_ids")["read.by_ids"]

    assert answer.failed and "not needed" in answer.detail


def test_unlisted_paths_of_samples_are_tolerated(workshop):
    folder = workshop.finished()
    samples = folder / "samples" / "orders.json"
    samples.write_text(
        json.dumps([{**r, "extra": {"a": [1]}} for r in json.loads(samples.read_text("utf-8"))]), "utf-8"
    )
    assert workshop.ask(folder, "fields.samples")["fields.samples"].failed

    with (folder / "manifest.toml").open("a", encoding="utf-8") as file:
        file.write('\n[conformance.unlisted]\norders = ["extra"]\n')

    assert workshop.ask(folder, "fields.samples")["fields.samples"].state == "passed"


def test_practice_may_name_records_to_write_and_options(workshop):
    folder = workshop.finished()
    (folder / "samples" / "orders.json").write_text("[]", "utf-8")
    with (folder / "practice.py").open("a", encoding="utf-8") as file:
        file.write('\nGOOD_RECORDS = {"orders": [{"number": "B-1"}, {"number": "B-2"}]}\n')
        file.write('BAD_RECORDS = {"orders": [{"number": "B-3", "lines": [{"quantity": "many"}]}]}\n')

    answers = workshop.ask(folder, "write.accepts", "write.rejects", "fault.lost")

    assert {a.state for a in answers.values()} == {"passed"}


def test_a_system_made_from_a_file_is_asked_what_it_has():
    entry = system_from_data(
        {"slug": "mine", "name": "Mine", "base": "https://api.example.com", "test": "/me", "entities": {"orders": {}}}
    )

    states = {answer.question: answer.state for answer in examine(entry)}

    assert states["folder.readme"] == states["read.pages"] == "not asked"
    assert states["fields.listed"] == "failed"


def test_throttles_are_back_to_their_speed_afterwards(workshop):
    workshop.ask(workshop.finished(), "pace.kept")

    assert Throttle.speed == 1.0


@pytest.mark.parametrize(("failed", "tier"), [("", "gold"), ("gold", "silver"), ("silver", "bronze"), ("bronze", None)])
def test_the_tier_is_the_highest_without_a_failure_up_to_it(failed, tier):
    answers = [
        Answer("acme", each, "failed" if each == failed else "passed", tier=each)
        for each in ("bronze", "silver", "gold")
    ]

    assert tier_of(answers) == tier


def exempt(folder, line):
    change(folder / "manifest.toml", "# [conformance.exempt]", f"[conformance.exempt]\n{line}")
