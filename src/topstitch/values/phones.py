"""Telephone numbers as E.164, by the numbering plans in `phonenumbers`."""

from __future__ import annotations

from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from topstitch.errors import MappingError
from topstitch.values.text import show

#: `length`: as many digits as numbers of the country have; `range`: in a range that is given out there today.
Check = Literal["length", "range"]
MAX_LENGTH = 100


def to_e164(text: str, country: str, check: Check = "length") -> str:
    """A number as `+447700900123`. `country` (ISO 3166-1 alpha-2, "" if unknown) is that of numbers without a country code.

    An extension is left out, as E.164 has none. Raises MappingError when it is no number by `check`.
    """
    number = _parsed(text, country)
    fits = (
        phonenumbers.is_valid_number(number)
        if check == "range"
        else phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    )
    if not fits:
        where = phonenumbers.region_code_for_country_code(number.country_code or 0)
        raise MappingError(f"{show(text)} is not a telephone number of {where}", value=text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parsed(text: str, country: str) -> PhoneNumber:
    if len(text) <= MAX_LENGTH:
        try:
            return phonenumbers.parse(text, country or None)
        except NumberParseException as error:
            if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.lstrip().startswith("+"):
                raise MappingError(
                    f"{show(text)} has no country code, and no country that has telephone numbers is given",
                    value=text,
                    hint="Set the country of numbers without a country code, or add the country as a second source field.",
                ) from error
    raise MappingError(f"{show(text)} is not a telephone number", value=text)
