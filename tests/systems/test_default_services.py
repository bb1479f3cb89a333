"""The services known between any two systems can be made as they are, sweepers too."""

from __future__ import annotations

import pytest

from topstitch.engine.check import check_service
from topstitch.engine.mapping.paths import canonical_service
from topstitch.engine.proposals.services import default_service, known_pairs, pair_of
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE

SLUGS = [entry.slug for entry in CATALOGUE]


@pytest.mark.parametrize("destination", SLUGS)
@pytest.mark.parametrize("source", SLUGS)
def test_every_known_service_is_right_as_it_is(source, destination):
    ends = CATALOGUE.get(source), CATALOGUE.get(destination)
    for pair in known_pairs(*ends):
        for sweeper in (False, True):
            spec = default_service(pair, *ends, ("One", "Other"), sweeper=sweeper)
            spec = canonical_service(spec, *ends, place=lambda *parts: source)
            check_service(spec, *ends, place=lambda *parts: source)
            assert spec.schedules
            assert bool(spec.mapping) == bool(pair.filled)


def test_what_means_the_same_is_known_and_variants_may_be_products():
    pairs = [pair.value for pair in known_pairs(CATALOGUE.get("shopify"), CATALOGUE.get("peoplevox"))]
    assert pairs[0] == "orders:orders"
    assert "variants:products" in pairs
    assert "orders:products" not in pairs
    assert not any(pair.startswith("metafields") for pair in pairs), "they cannot be read"


def test_any_two_may_be_chosen_but_only_in_their_direction():
    shopify, peoplevox = CATALOGUE.get("shopify"), CATALOGUE.get("peoplevox")
    assert pair_of(shopify, "refunds", peoplevox, "customers").value == "refunds:customers"
    with pytest.raises(ConfigError, match="be read"):
        pair_of(shopify, "metafields", peoplevox, "customers")
    with pytest.raises(ConfigError, match="be written"):
        pair_of(shopify, "orders", peoplevox, "goods_in")
