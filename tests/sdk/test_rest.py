"""Plain REST as data, over real sockets: every way of paging, single records, filters, and each way of writing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.errors import AnswerLost, AuthError, ConfigError, FormatError, RemoteRejected, Unreachable
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Condition, Outcome, Outgoing, Query
from topstitch.store.payloads import packed, unpacked

WAYS = {
    "/all": {"none": {}},
    "/numbered": {"page": {"pages": "meta.pages"}},
    "/offset": {"offset": {}},
    "/cursor": {"cursor": {}},
    "/linked": {"link": {"size": "size"}},
}
MORE_WAYS = [
    ("/numbered", {"page": {"pages_header": "X-Pages"}}),
    ("/numbered", {"page": {}}),
    ("/offset", {"offset": {"total": "total"}}),
    ("/linked", {"link": {"size": "size", "path": "links.next"}}),
]


def read(path, paging, **changes):
    return {
        "things": {"read": {"path": path, "records": "" if path == "/all" else "items", "paging": paging, **changes}}
    }


def ids(pages):
    return [record["id"] for page in pages for record in page.records]


def pages_of(conn, size=4, cursor=None, **query):
    return list(conn.entry.entity("things").read.pages(conn, Query(page_size=size, **query), cursor))


@pytest.mark.parametrize(("path", "paging"), [*WAYS.items(), *MORE_WAYS])
@pytest.mark.parametrize("size", [1, 4, 11, 12])
def test_every_way_of_paging_gives_everything_once_and_ends(far, path, paging, size):
    conn = far.connect(read(path, paging))

    pages = pages_of(conn, size)

    assert ids(pages) == list(range(1, 12))
    assert pages[-1].next is None
    assert [unpacked(packed([], page.raw)) for page in pages] == [page.records for page in pages]


@pytest.mark.parametrize(("path", "paging"), [*WAYS.items(), *MORE_WAYS])
def test_a_read_resumes_from_every_cursor(far, path, paging):
    conn = far.connect(read(path, paging))
    whole = pages_of(conn, 3)

    for at, page in enumerate(whole[:-1]):
        assert ids(pages_of(conn, 3, page.next)) == ids(whole[at + 1 :])


def test_an_empty_list_is_one_empty_page(far):
    far.store.clear()

    for path, paging in WAYS.items():
        pages = pages_of(far.connect(read(path, paging)))
        assert ids(pages) == [] and pages[-1].next is None


def test_a_page_that_is_exactly_full_is_not_asked_for_twice_where_the_total_is_known(far):
    conn = far.connect(read("/offset", {"offset": {"total": "total"}}))

    pages_of(conn, 11)

    assert len(far.asked) == 1


def test_since_until_and_filters_become_parameters(far):
    conn = far.connect(
        read(
            "/numbered", {"page": {}}, since="since", until="until", filters={"kind": {"param": "kind", "ops": ["in"]}}
        )
    )
    window = {"since": datetime(2026, 1, 3, tzinfo=UTC), "until": datetime(2026, 1, 8, tzinfo=UTC)}

    found = ids(pages_of(conn, 2, conditions=[Condition("kind", "in", ["odd", "none"])], **window))

    assert found == [3, 5, 7]
    assert conn.entry.entity("things").read.filters == {"kind": ("in",)}
    assert far.asked[0].params["since"] == "2026-01-03T00:00:00Z"


def test_a_filter_by_moment_is_sent_in_utc(far):
    from datetime import timedelta, timezone

    conn = far.connect(read("/numbered", {"page": {}}, filters={"at": {"param": "since", "ops": ["greater_or_equal"]}}))
    moment = datetime(2026, 1, 9, 2, 0, tzinfo=timezone(timedelta(hours=2)))

    assert ids(pages_of(conn, conditions=[Condition("at", "greater_or_equal", moment)])) == [9, 10, 11]


def test_records_are_found_by_id_and_unknown_ones_left_out(far):
    conn = far.connect(read("/all", {"none": {}}, one="/things/{id}", one_record="thing"))

    found = conn.entry.entity("things").read.by_ids(conn, ["3", "77", "5", "a/b ?"], {})

    assert [record["id"] for record in found] == [3, 5]
    assert far.asked[-1].path == "/things/a/b ?"


def test_an_answer_without_a_list_is_an_error_that_says_where(far):
    conn = far.connect({"things": {"read": {"path": "/numbered", "records": "rows", "paging": {"page": {}}}}})

    with pytest.raises(FormatError, match="the answer to /numbered holds no list of records under 'rows'"):
        pages_of(conn)


def write(**changes):
    return {"orders": {"write": {"path": "/orders", "idempotency": "natural_key", **changes}}}


def push(conn, *records, remote_id=""):
    batch = [
        Outgoing(key=f"k{n}", record=r, idempotency_key=f"i{n}", remote_id=remote_id) for n, r in enumerate(records)
    ]
    return list(conn.entry.entity("orders").write.push(conn, batch, {}))


def test_a_record_is_created_and_its_id_kept(far):
    (verdict,) = push(far.connect(write()), {"number": "A1"})

    assert (verdict.outcome, verdict.remote_id) == (Outcome.CREATED, "500")
    assert far.store.all("orders") == [{"number": "A1", "id": 500}]


def test_a_known_record_is_updated_at_its_own_address(far):
    conn = far.connect(write(update_path="/orders/{id}"))
    far.store.put("orders", 7, {"id": 7, "number": "old"})

    (verdict,) = push(conn, {"number": "new"}, remote_id="7")

    assert (verdict.outcome, verdict.remote_id) == (Outcome.UPDATED, "7")
    assert far.store.get("orders", 7)["number"] == "new"


def test_a_rejected_record_leaves_its_neighbours_alone(far):
    verdicts = push(far.connect(write()), {"number": "A1"}, {}, {"number": "A3"})

    assert [v.outcome for v in verdicts] == [Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED]
    assert isinstance(verdicts[1].error, RemoteRejected)
    assert "a number is needed" in verdicts[1].error.message and verdicts[1].error.field == "number"


def test_a_record_can_be_wrapped(far):
    assert push(far.connect(write(path="/wrapped", wrap="order")), {"number": "A1"})[0].remote_id == "500"


def test_a_bulk_answer_is_matched_record_by_record(far):
    conn = far.connect(write(path="/bulk", wrap="orders", batch=10, answers="results", item_error="message"))

    verdicts = push(conn, {"number": "A1"}, {}, {"number": "A3"})

    assert [(v.outcome, v.remote_id) for v in verdicts] == [
        (Outcome.CREATED, "500"),
        (Outcome.REJECTED, ""),
        (Outcome.CREATED, "501"),
    ]
    assert len(far.asked) == 1


def test_a_bulk_answer_that_leaves_records_out_is_no_success(far):
    conn = far.connect(write(path="/bulk", wrap="orders", batch=10, answers="gone", idempotency="none"))

    with pytest.raises(AnswerLost, match="did not answer for each of 2 records"):
        push(conn, {"number": "A1"}, {"number": "A2"})


def test_an_idempotency_key_makes_a_lost_answer_harmless(far):
    conn = far.connect(write(idempotency="header", key_header="Idempotency-Key"))
    far.practice.faults.add("lost")

    verdicts = push(conn, {"number": "A1"})

    assert verdicts[0].outcome is Outcome.CREATED
    assert far.store.count("orders") == 1 and len(far.asked) == 2


def test_without_idempotency_a_lost_answer_is_unknown_and_found_by_looking(far):
    find = {"path": "/orders", "by": {"number": "number"}, "records": "orders"}
    conn = far.connect(write(idempotency="lookup", find=find))
    entity = conn.entry.entity("orders")
    outgoing = Outgoing(key="k", record={"number": "A1"})
    assert list(entity.write.find(conn, [outgoing], {})) == [None]
    far.practice.faults.add("lost", method="POST")

    verdicts = push(conn, {"number": "A1"})

    assert verdicts[0].outcome is Outcome.UNKNOWN
    assert list(entity.write.find(conn, [outgoing], {})) == ["500"]


def test_a_record_without_what_it_is_looked_up_by_says_so(far):
    conn = far.connect(write(idempotency="lookup", find={"path": "/orders", "by": {"number": "number"}}))

    with pytest.raises(ConfigError, match="number is empty"):
        conn.entry.entity("orders").write.find(conn, [Outgoing(key="k", record={})], {})


def test_the_source_key_may_be_what_is_looked_up(far):
    conn = far.connect(
        write(idempotency="lookup", find={"path": "/orders", "by": {"number": "@key"}, "records": "orders"})
    )
    far.store.put("orders", 9, {"id": 9, "number": "K-1"})

    assert conn.entry.entity("orders").write.find(conn, [Outgoing(key="K-1", record={})], {}) == ["9"]


def test_the_test_passes_and_fails_in_words(far, impatient):
    conn = far.connect(write())
    assert [check.ok for check in conn.entry.system.test(conn)] == [True]

    bad = far.connect(write(), given={"url": "https://shop.example.com", "token": "wrong"})
    with pytest.raises(AuthError) as refused:
        bad.entry.system.test(bad)
    assert "who are you?" in refused.value.message and refused.value.hint

    far.server.stop()
    gone = Connection(
        entry=conn.entry, settings=far.practice.settings, environment="practice", origin="http://127.0.0.1:9/shop"
    )
    with pytest.raises(Unreachable):
        gone.entry.system.test(gone)
