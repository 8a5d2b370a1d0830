"""What is asked of a service, and what a page of its answer gives: the two things that all services have in common."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from schemas.errors import InputError, RecordError
from schemas.records import Paper, Rejection

if TYPE_CHECKING:
    from kg.fetching.client import Answer
    from kg.readers.files import Input

__all__ = ["Ask", "Item", "Page", "day", "decoded", "from_records", "is_file", "listed", "read_body"]

Item = Paper | Rejection
Decoded = TypeVar("Decoded", dict[str, Any], list[Any])
Reader = Callable[["Input"], Iterator[Item]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of a service."""

    terms: tuple[str, ...]  # the query in the service's own language; several where a service takes a list
    since: date | None = None  # what is older is left out; each service says by which date
    limit: int  # papers, at least 1: services send no larger pages than needed

    @property
    def query(self) -> str:
        """All terms as one text."""
        return " ".join(self.terms)


class Page(NamedTuple):
    """A part of an answer."""

    items: list[Item]
    cursor: Any  # plain JSON, with which the next page is asked for; None: this is the last
    total: int | None = None  # papers that the service has for this query, where it says so


def day(text: str) -> date:
    """Return the day that a text means, of a year or a month the first one.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> day("2024"), day("2024-03")
    (datetime.date(2024, 1, 1), datetime.date(2024, 3, 1))
    """
    try:
        return date.fromisoformat((text + "-01-01")[:10] if len(text) in (4, 7) else text)
    except ValueError:
        raise InputError(f"{text!r} is no date: give a year, a month or a day, such as 2024-03-01") from None


def is_file(text: str) -> bool:
    """Whether a text is the path of a file; what can be no path at all is none."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def decoded(answer: Answer, kind: type[Decoded]) -> Decoded:
    """Return the JSON of an answer, which is an object (``dict``) or an array (``list``).

    Raises
    ------
    Unusable
        It is none: broken off, or something else.
    """
    from kg.fetching.client import Unusable

    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"the answer is not valid JSON ({error}): it broke off, or is not this service's") from None
    if not isinstance(value, kind):
        raise Unusable(
            f"the answer is a JSON {type(value).__name__} where an {'object' if kind is dict else 'array'} is expected"
        )
    return value


def listed(value: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list that an answer holds under a name.

    Raises
    ------
    Unusable
        There is none: the service has changed its format, or something else answered.
    """
    from kg.fetching.client import Unusable

    found = value.get(name)
    if not isinstance(found, list):
        known = ", ".join(sorted(map(str, value)))[:200] or "nothing"
        raise Unusable(f"the answer has no list {name!r} (it has {known}): the service may have changed its format")
    return found


def from_records(records: Iterable[Any], where: str) -> list[Item]:
    """Return the papers of JSON records, by the reader of their dialect, and the rejections of those that are none.

    >>> from_records([{"title": "On X", "itemType": "preprint"}, 7], "zotero page 1")[1]
    Rejection(source='zotero page 1:2', reason='a JSON object is expected, not int')
    """
    from kg.readers.record import to_paper
    from kg.readers.services import fields_of

    items: list[Item] = []
    for number, record in enumerate(records, start=1):
        source = f"{where}:{number}"
        try:
            if not isinstance(record, Mapping):
                raise RecordError(f"a JSON object is expected, not {type(record).__name__}")
            items.append(to_paper(fields_of(record), source=source))
        except RecordError as error:
            items.append(Rejection(source, str(error)))
    return items


def read_body(body: bytes, where: str, reader: Reader) -> list[Item]:
    """Return what the reader of a format finds in the body of an answer."""
    from kg.readers.files import HEAD, Input

    return list(reader(Input(where, "", io.BytesIO(body), body[:HEAD])))
