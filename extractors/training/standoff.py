"""Annotations of abstracts without the abstracts: places and names alone, joined again with the texts.

``python -m extractors.training.standoff ABSTRACTS... -o more.jsonl`` puts the annotations of ``annotations.jsonl``
back on the abstracts that they were made on (one JSON object a line: ``id``, ``title``, ``abstract``) and writes lines
of the gold format, for ``--also more.jsonl`` of the recipes. With ``--take`` it goes the other way: the annotations of
gold files, without their texts.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.lines import dump_line

__all__ = ["ANNOTATIONS", "joined", "taken"]

ANNOTATIONS = Path(__file__).parent / "annotations.jsonl"
Line = dict[str, Any]


def taken(line: Mapping[str, Any]) -> Line:
    """Return what a gold line says, without its text: of that a checksum, of a mention its place.

    >>> mention = {"start": 0, "end": 4, "text": "BERT"}
    >>> bert = {"name": "BERT", "type": "Model", "role": "introduces", "mentions": [mention]}
    >>> line = {"id": "x-1", "title": "BERT", "abstract": "", "entities": [bert], "results": []}
    >>> taken(line)["entities"]
    [{'name': 'BERT', 'type': 'Model', 'role': 'introduces', 'mentions': [[0, 4]]}]
    >>> next(joined([taken(line)], [line])) == line
    True
    """
    entities = [
        entity | {"mentions": [[mention["start"], mention["end"]] for mention in entity["mentions"]]}
        for entity in line["entities"]
    ]
    return {"id": line["id"], "text": _checksum(line), "entities": entities, "results": line.get("results", [])}


def joined(annotations: Iterable[Mapping[str, Any]], papers: Iterable[Mapping[str, Any]]) -> Iterator[Line]:
    """Yield the gold lines of those papers whose text is the one that was annotated, in the order of ``papers``."""
    wanted = {annotation["text"]: annotation for annotation in annotations}
    for paper in papers:
        annotation = wanted.pop(_checksum(paper), None)
        if annotation is None:
            continue
        text = _text(paper)
        entities = [
            entity | {"mentions": [{"start": a, "end": b, "text": text[a:b]} for a, b in entity["mentions"]]}
            for entity in annotation["entities"]
        ]
        yield {
            "id": annotation["id"],
            "title": paper["title"],
            "abstract": paper["abstract"],
            "entities": entities,
            "results": annotation["results"],
        }


def _text(line: Mapping[str, Any]) -> str:
    return f"{line['title']}\n{line.get('abstract') or ''}"


def _checksum(line: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(line).encode()).hexdigest()[:16]


def _lines(path: Path) -> Iterator[Line]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Join, or take apart."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.standoff", description=joined.__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="abstracts, or with --take gold files")
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    parser.add_argument("--take", action="store_true", help="write the annotations of gold files, without their texts")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    papers = (line for path in arguments.files for line in _lines(path))
    found = list(map(taken, papers) if arguments.take else joined(_lines(arguments.annotations), papers))
    arguments.output.write_text("".join(dump_line(line) + "\n" for line in found), encoding="utf-8")
    print(f"Wrote {len(found)} documents to {arguments.output}")


if __name__ == "__main__":
    main()
