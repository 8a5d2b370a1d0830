"""What a query answers with, and how it is shown: text, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kg.export.iris import literal_text
from kg.export.turtle import prefixed
from kg.frames import extra, whole
from schemas.errors import InputError
from schemas.vocabulary import NAMESPACES

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import rdflib

__all__ = ["RENDERINGS", "Answer", "Table", "render"]

RENDERINGS = ("table", "json", "csv")
WIDEST = 100  # columns of a terminal that one cell may take

Binding = Mapping[str, Mapping[str, str]]  # variable -> its value in the SPARQL 1.1 Query Results JSON Format
Value = str | int | float | Decimal | bool | None

_XSD = NAMESPACES["xsd"]
_NUMBERS = {
    _XSD + name: read
    for read, names in {
        int: ("integer", "int", "long", "nonNegativeInteger"),
        float: ("double", "float"),
        Decimal: ("decimal",),
    }.items()
    for name in names
}


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a SELECT query.

    Examples
    --------
    >>> [dict(zip(table.columns, row)) for table in [Table(("n",), (("BERT",),))] for row in table.rows]
    [{'n': 'BERT'}]
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]  # IRIs and texts as str, numbers as numbers, None where there is no value
    bindings: tuple[Binding, ...] | None = field(default=None, compare=False, repr=False)  # with types and languages

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas table.

        Raises
        ------
        ImportError
            pandas is not installed (``pip install abstractkg[pandas]``).
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def to_arrow(self) -> pa.Table:
        """Return an Arrow table; a column whose values are of several types becomes text.

        Raises
        ------
        MissingExtra
            pyarrow is not installed (``pip install 'abstractkg[arrow]'``).
        """
        arrow = extra("pyarrow", "arrow")
        lists = [list(column) for column in zip(*self.rows, strict=True)] or [[] for _ in self.columns]
        return arrow.table([_arrow_column(arrow, values) for values in lists], names=list(self.columns))

    def to_polars(self) -> pl.DataFrame:
        """Return a polars table, with the columns of :meth:`to_arrow`.

        Raises
        ------
        MissingExtra
            polars or pyarrow is not installed (``pip install 'abstractkg[polars]'``).
        """
        frame: pl.DataFrame = extra("polars").from_arrow(self.to_arrow())
        return frame


def _arrow_column(arrow: Any, values: list[Any]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [value if value is None else float(value) for value in values]
    elif len(kinds) > 1:
        values = [value if value is None else str(value) for value in values]
    return arrow.array(whole(values))


if TYPE_CHECKING:
    Answer = Table | bool | rdflib.Graph  # to SELECT, to ASK, to CONSTRUCT and DESCRIBE
else:
    Answer = Any


def table_from_bindings(columns: Sequence[str], bindings: Iterable[Binding]) -> Table:
    """Return the table of an answer in the SPARQL 1.1 Query Results JSON Format.

    >>> table_from_bindings(["n"], [{"n": {"type": "literal", "value": "3", "datatype": _XSD + "integer"}}]).rows
    ((3,),)
    """
    kept = tuple(bindings)
    rows = tuple(tuple(_value(binding.get(column)) for column in columns) for binding in kept)
    return Table(tuple(columns), rows, kept)


def _value(term: Mapping[str, str] | None) -> Value:
    if term is None:
        return None
    text, datatype = term["value"], term.get("datatype", "")
    if datatype == _XSD + "boolean":
        return text in ("true", "1")
    try:
        return _NUMBERS[datatype](text) if datatype in _NUMBERS else text
    except ArithmeticError:  # Decimal's; an ill-typed literal of others is shown as it is
        return text
    except ValueError:
        return text


def render(answer: Answer | tuple[Sequence[str], Sequence[Sequence[Any]]], form: str = "table") -> str:
    """Return an answer as text that ends in a line feed.

    Parameters
    ----------
    answer
        Of :func:`kg.query.sparql`, or the columns and rows of an SQL query.
    form
        "table": columns aligned, for people; a graph as Turtle. "json": the SPARQL 1.1 results format, a graph as
        JSON-LD, SQL as a list of objects. "csv": with a header (RFC 4180), a graph as its triples.

    Raises
    ------
    InputError
        ``form`` is none of these.

    Examples
    --------
    >>> print(render(Table(("name", "papers"), (("BERT", 12), ("GPT-2", 3)))), end="")
    name   papers
    -----  ------
    BERT       12
    GPT-2       3
    (2 rows)
    """
    if form not in RENDERINGS:
        raise InputError(f"no rendering {form!r}; available: {', '.join(RENDERINGS)}")
    if isinstance(answer, bool):
        return _render_boolean(answer, form)
    if isinstance(answer, tuple):
        answer = Table(tuple(answer[0]), tuple(tuple(row) for row in answer[1]))
    if isinstance(answer, Table):
        return {"table": _text, "json": _json, "csv": _csv}[form](answer)
    return _render_graph(answer, form)


def _render_boolean(answer: bool, form: str) -> str:
    word = "true" if answer else "false"
    return f'{{"head":{{}},"boolean":{word}}}\n' if form == "json" else f"{word}\n"


def _render_graph(answer: rdflib.Graph, form: str) -> str:
    if form == "csv":
        triples = sorted(tuple(str(term) for term in triple) for triple in answer)
        return _csv(Table(("subject", "predicate", "object"), tuple(triples)))
    text = answer.serialize(format="turtle" if form == "table" else "json-ld", sort_keys=True)
    return text.rstrip("\n") + "\n"


def _json(table: Table) -> str:
    if table.bindings is None:
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        return json.dumps(rows, ensure_ascii=False, default=str) + "\n"
    answer = {"head": {"vars": table.columns}, "results": {"bindings": table.bindings}}
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _csv(table: Table) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(table.columns)
    writer.writerows(["" if value is None else _lexical(value) for value in row] for row in table.rows)
    return file.getvalue()


def _lexical(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(table: Table) -> str:
    cells = list(_cells(table))
    widths = [max(map(_width, column)) for column in zip(table.columns, *cells, strict=True)]
    right = [_is_number(column) for column in zip(*table.rows, strict=True)] or [False] * len(widths)
    lines = [table.columns, ["-" * width for width in widths], *cells]
    shown = ["  ".join(map(_padded, line, widths, right)).rstrip() for line in lines]
    return "\n".join([*shown, f"({len(cells):,} row{'' if len(cells) == 1 else 's'})"]) + "\n"


def _is_number(column: Iterable[Any]) -> bool:
    return all(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in column)


def _cells(table: Table) -> Iterator[list[str]]:
    bindings: Sequence[Binding] = table.bindings or [{}] * len(table.rows)
    for row, binding in zip(table.rows, bindings, strict=True):
        iris = [binding.get(column, {}).get("type") == "uri" for column in table.columns]
        yield [_cell(prefixed(v).strip("<>") if is_iri else v) for v, is_iri in zip(row, iris, strict=True)]


def _cell(value: Any) -> str:
    """Write a value in one line of text that a terminal shows as it is."""
    text = "" if value is None else _lexical(value)
    text = "".join(character if character.isprintable() else "␣" for character in " ".join(literal_text(text).split()))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _width(text: str) -> int:
    """Count the columns that a terminal needs: two for wide characters, none for combining ones (UAX #11)."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
