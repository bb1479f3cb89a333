"""Default mappings between systems are tried with the samples; what does not fit is told, what is left over is listed."""

from __future__ import annotations

from tests.sdk.support import change

from topstitch.errors import ConfigError, MappingError
from topstitch.sdk.conformance.pairs import Made, pairs


def both(workshop):
    folders = [workshop.finished(), workshop.finished()]
    return [workshop.entry(folder) for folder in folders]


def copying(*paths, **values):
    """A mapping that copies top-level fields, then sets some."""

    def make(source, destination, entity):
        required = [f.path for f in destination if f.required and f.path not in paths]
        return Made(lambda record: {**{p: record[p] for p in paths}, **values}, [*paths, *values], required)

    return make


def test_every_pair_of_the_same_meaning_is_made_and_gaps_are_listed(workshop):
    entries = both(workshop)

    found = list(pairs(entries, entries, copying("number", "total")))

    assert len(found) == 4
    assert {pair.entity for pair in found} == {"orders"}
    assert all(pair.unfilled == ("lines[*].sku", "lines[*].quantity") and not pair.troubles for pair in found)
    assert found[1].as_dict()["destination"] == f"{entries[1].slug}.orders"


def test_a_value_that_the_destination_cannot_take_is_told(workshop):
    entries = both(workshop)

    (pair,) = pairs(entries[:1], entries[1:], copying("number", total="dear"))

    assert pair.troubles == ("total is money (text), and gets 'dear'",)


def test_a_sample_that_cannot_be_mapped_is_told_with_its_number(workshop):
    entries = both(workshop)

    def fail(record):
        raise MappingError("no such country")

    (pair,) = pairs(entries[:1], entries[1:], lambda *_: Made(fail, ["number"], []))

    assert pair.troubles == tuple(f"sample {n}: MappingError: no such country" for n in (1, 2))


def test_a_mapping_that_does_not_compile_or_fills_nothing_is_told(workshop):
    entries = both(workshop)

    def refuse(*_):
        raise ConfigError("no such function")

    (broken,) = pairs(entries[:1], entries[1:], refuse)
    (empty,) = pairs(entries[:1], entries[1:], copying())

    assert broken.troubles == ("it does not compile: ConfigError: no such function",)
    assert empty.troubles == ("no field is filled: the two lists have no tag in common",)


def test_entities_without_a_neutral_meaning_are_left_out(workshop):
    folder = workshop.finished()
    change(folder / "system.py", 'name="orders",', 'name="orders", kind="gift_cards",')
    entry = workshop.entry(folder)

    assert list(pairs([entry], [entry], copying("number"))) == []
