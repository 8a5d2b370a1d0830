"""Collections of records, and the tables that they become: pandas, polars and Arrow.

A column is a field of the record. In Arrow and polars its type is that of the field, so that an empty collection has
the same columns and types as a full one: ``str`` is a string, ``int`` a 64-bit integer, ``float`` a double,
``X | None`` may be null, ``tuple[X, ...]`` is a list, and a record inside a record (aliases of an entity, mentions of a
link) a struct. In pandas such nested values are Python tuples and dicts.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from schemas.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Records", "extra", "whole"]

Record = TypeVar("Record")


class Records(Sequence[Record], Generic[Record]):
    """An immutable sequence of records that can become a table.

    Parameters
    ----------
    records
        All of one type.
    of
        That type, by which also an empty collection knows its columns.

    Examples
    --------
    >>> from schemas.records import Paper
    >>> Records([Paper(id="a", title="On X")])[0].title
    'On X'
    """

    def __init__(self, records: Iterable[Record] = (), *, of: type[Record] | None = None) -> None:
        self._records = tuple(records)
        self._type = of or (type(self._records[0]) if self._records else None)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self._records[index]

    def __eq__(self, other: object) -> bool:
        return self._records == (other._records if isinstance(other, Records) else other)

    def __hash__(self) -> int:
        return hash(self._records)

    def __repr__(self) -> str:
        return f"<{len(self)} records>"

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas table, one row a record, one column a field.

        Raises
        ------
        MissingExtra
            pandas is not installed (``pip install 'abstractkg[pandas]'``).
        """
        frame: pd.DataFrame = extra("pandas").DataFrame(
            [asdict(record) for record in self],  # type: ignore[call-overload]
            columns=[field.name for field in fields(self._type)] if self._type else None,  # type: ignore[arg-type]
        )
        return frame

    def to_arrow(self) -> pa.Table:
        """Return an Arrow table, one row a record, one column a field; a lone surrogate becomes U+FFFD.

        Raises
        ------
        MissingExtra
            pyarrow is not installed (``pip install 'abstractkg[arrow]'``).

        Examples
        --------
        >>> from schemas.records import Alias, Entity
        >>> entity = Entity(id="bert", type="Model", name="BERT", aliases=(Alias("Bert", 2),), papers=3)
        >>> Records([entity]).to_arrow().to_pylist()[0]["aliases"]
        [{'name': 'Bert', 'papers': 2}]
        """
        arrow = extra("pyarrow", "arrow")
        if self._type is None:
            return arrow.table({})
        schema = arrow.schema(_columns(arrow, self._type))
        rows = [_plain(record) for record in self]
        try:
            return arrow.Table.from_pylist(rows, schema=schema)
        except UnicodeEncodeError:
            return arrow.Table.from_pylist(whole(rows), schema=schema)

    def to_polars(self) -> pl.DataFrame:
        """Return a polars table, with the columns and types of :meth:`to_arrow`.

        Raises
        ------
        MissingExtra
            polars or pyarrow is not installed (``pip install 'abstractkg[polars]'``).

        Examples
        --------
        >>> from schemas.records import Paper
        >>> Records([Paper(id="a", title="On X", year=2020)]).to_polars()["year"].to_list()
        [2020]
        """
        polars = extra("polars")
        extra("pyarrow", "polars")
        frame: pl.DataFrame = polars.from_arrow(self.to_arrow())
        return frame


def extra(module: str, name: str | None = None) -> Any:
    """Return an optional package, imported now.

    Parameters
    ----------
    module
        What to import.
    name
        The extra of ours that installs it, where it is not called as the module is.

    Raises
    ------
    MissingExtra
        It is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{module} is not installed: pip install 'abstractkg[{name or module}]'") from error


def whole(value: Any) -> Any:
    """Return a value, and what lists and dicts in it hold, with U+FFFD for each lone surrogate, which UTF-8 has not.

    >>> whole(["a\\ud800b", 1])
    ['a\ufffdb', 1]
    """
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [whole(item) for item in value]
    return {key: whole(item) for key, item in value.items()} if isinstance(value, dict) else value


def _columns(arrow: Any, type_: Any) -> list[Any]:
    """Return the Arrow fields of a record."""
    return [arrow.field(name, _arrow_type(arrow, hint)) for name, hint in _hints(type_).items()]


def _hints(type_: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(type_)
    return {name: hints[name] for name in _names(type_)}


def _arrow_type(arrow: Any, hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), [a for a in typing.get_args(hint) if a is not type(None)]
    if origin in (typing.Union, types.UnionType):
        return _arrow_type(arrow, arguments[0])
    if origin is typing.Literal:
        return arrow.string()
    if origin is tuple:  # tuple[X, ...], and [start, end)
        return arrow.list_(_arrow_type(arrow, arguments[0]))
    plain = {str: arrow.string, int: arrow.int64, float: arrow.float64, bool: arrow.bool_}
    return plain[hint]() if hint in plain else arrow.struct(_columns(arrow, hint))


def _plain(value: Any) -> Any:
    """Return records as dicts and tuples as lists, all the way down."""
    if is_dataclass(value) or hasattr(value, "_fields"):
        return {name: _plain(getattr(value, name)) for name in _names(type(value))}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _names(type_: Any) -> Sequence[str]:
    return [field.name for field in fields(type_)] if is_dataclass(type_) else type_._fields
