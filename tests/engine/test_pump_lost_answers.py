"""The pump where answers are lost: what arrived is not sent twice, and what cannot be told is uncertain."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.fakes.rig import ALL, LOST, Destination, Rig, lost_after_writing

from topstitch.errors import AnswerLost, RemoteRejected, TemporaryError
from topstitch.sdk.model import Verdict

pytestmark = pytest.mark.usefixtures("settled_at_once")


@pytest.mark.parametrize("idempotency", ["natural_key", "header"])
def test_a_lost_answer_is_settled_by_sending_again_where_that_is_safe(idempotency):
    rig = Rig(idempotency=idempotency)
    rig.destination.script.append(lost_after_writing(rig.destination))
    assert rig.finish(rig.page(1, "a")).statuses() == {"a": "ok"}
    assert rig.destination.arrived["a"] == 2


def test_a_lost_answer_is_settled_by_looking_the_record_up():
    rig = Rig(idempotency="lookup")
    rig.destination.script += [lost_after_writing(rig.destination), LOST]
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "ok", "b": "ok"}
    assert rig.destination.arrived == Counter("ab")
    assert {r.remote_id for r in ledger.results} == {"Ra", "Rb"}


def test_a_record_that_arrived_with_older_content_is_updated():
    rig = Rig(idempotency="lookup")
    rig.destination.arrived["a"] = 1
    seen = []
    rig.destination.script.append(lambda batch: seen.append(batch[0].remote_id) or [Verdict.updated("Ra")])
    ledger = rig.finish(rig.page(1, "a", uncertain=True, same=False))
    assert seen == ["Ra"]
    assert [r.outcome for r in ledger.results] == ["updated"]


def test_a_record_that_arrived_as_it_is_is_not_sent_again():
    rig = Rig(idempotency="lookup")
    rig.destination.arrived["a"] = 1
    assert rig.finish(rig.page(1, "ab", uncertain=True)).statuses() == {"a": "ok", "b": "ok"}
    assert rig.destination.calls == [["b"]]


@pytest.mark.parametrize(
    "trouble",
    [TemporaryError("busy"), RemoteRejected("no such filter"), KeyError("bug"), "too many", AnswerLost("lost")],
)
def test_while_the_lookup_fails_nothing_is_sent(trouble):
    asked = []

    def find(batch):
        asked.append(len(batch))
        if len(asked) < 3:
            if isinstance(trouble, str):
                return [None] * 5
            raise trouble
        return rig.destination.find(batch)

    rig = Rig(idempotency="lookup", find=find)
    rig.destination.script.append(lost_after_writing(rig.destination))
    assert rig.finish(rig.page(1, "a")).statuses() == {"a": "ok"}
    assert rig.destination.arrived == Counter("a")
    assert len(asked) == 3


def test_a_lookup_that_never_answers_leaves_the_record_uncertain():
    def find(batch):
        raise RemoteRejected("no such filter")

    rig = Rig(idempotency="lookup", find=find)
    rig.destination.script.append(LOST)
    ledger = rig.finish(rig.page(1, "a"))
    assert ledger.statuses() == {"a": "uncertain"}
    assert len(rig.destination.calls) == 1


def test_without_any_way_to_tell_a_person_is_asked():
    rig = Rig(Destination([LOST]), "none")
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "uncertain", "b": "ok"}
    assert len(rig.destination.calls) == 2


def test_unless_the_service_is_told_to_send_again():
    rig = Rig(Destination([LOST]), "none", send_again=True)
    assert rig.finish(rig.page(1, "ab")).statuses() == {"a": "ok", "b": "ok"}
    assert len(rig.destination.calls) == 3


def test_an_answer_that_is_lost_again_and_again_ends_uncertain():
    rig = Rig(Destination([LOST] * 5))
    ledger = rig.finish(rig.page(1, "a"))
    assert ledger.statuses() == {"a": "uncertain"}
    assert len(rig.destination.calls) == 5


@pytest.mark.parametrize("idempotency", ALL)
def test_what_a_dead_process_left_in_flight_is_settled_first(idempotency):
    rig = Rig(idempotency=idempotency)
    rig.destination.arrived["a"] = 1
    ledger = rig.finish(rig.page(1, "ab", uncertain=True))
    wanted = {"a": "uncertain", "b": "uncertain"} if idempotency == "none" else {"a": "ok", "b": "ok"}
    assert ledger.statuses() == wanted
    assert rig.destination.arrived["a"] == (2 if idempotency in ("natural_key", "header") else 1)
