"""Giving records their numbers.

What happens when the process dies
    before the transaction ends   nothing was given: the page is mapped again and its records get these numbers
    after it                      the numbers are the records', and the page mapped again gets the same
A number is never given twice. It is lost only with the record that has it, when that is never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from topstitch.errors import ConfigError
from topstitch.store import models

#: PostgreSQL's bigint.
MOST = 2**63 - 1


def numbers_of(
    company_id: int, service_id: int, name: str, start: int, step: int, *, dry: bool = False
) -> Callable[[Sequence[str]], Sequence[int]]:
    """Answers keys of records with their numbers; those without one get the next. `dry` shows them and gives none."""

    #: The numbers that a dry run has shown.
    shown: dict[str, int] = {}

    def answer(keys: Sequence[str]) -> Sequence[int]:
        with transaction.atomic():
            sequence = _locked(company_id, name, dry=dry)
            known = {**(_known(sequence, service_id, keys) if sequence.pk else {}), **shown}
            fresh = [key for key in dict.fromkeys(keys) if key not in known]
            last = max(shown.values(), default=sequence.last)
            given = _next(last, fresh, start, step, name)
            if dry:
                shown.update(given)
            elif given:
                _give(sequence, service_id, given)
        return [known[key] if key in known else given[key] for key in keys]

    return answer


def _locked(company_id: int, name: str, *, dry: bool) -> models.Sequence:
    """The sequence, ours until the transaction ends: two runs never give the same number."""
    if dry:
        found = models.Sequence.objects.filter(company_id=company_id, name=name).first()
        return found or models.Sequence(company_id=company_id, name=name)
    models.Sequence.objects.bulk_create([models.Sequence(company_id=company_id, name=name)], ignore_conflicts=True)
    return models.Sequence.objects.select_for_update().get(company_id=company_id, name=name)


def _known(sequence: models.Sequence, service_id: int, keys: Sequence[str]) -> dict[str, int]:
    rows = sequence.numbers.filter(service_id=service_id, key__in=keys)
    return dict(rows.values_list("key", "number"))


def _next(last: int | None, keys: Sequence[str], start: int, step: int, name: str) -> dict[str, int]:
    first = start if last is None else max(start, last + step)
    given = {key: first + step * place for place, key in enumerate(keys)}
    if given and max(given.values()) > MOST:
        raise ConfigError(f"the sequence {name!r} has come to its end at {MOST}", key="sequence")
    return given


def _give(sequence: models.Sequence, service_id: int, given: Mapping[str, int]) -> None:
    models.SequenceNumber.objects.bulk_create(
        [
            models.SequenceNumber(sequence=sequence, service_id=service_id, key=key, number=number)
            for key, number in given.items()
        ],
        batch_size=1000,
    )
    sequence.last = max(given.values())
    sequence.save(update_fields=["last"])
