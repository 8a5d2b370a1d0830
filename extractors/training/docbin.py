"""Annotated documents for ``spacy train``: gold lines -> ``.spacy`` files, and a configuration to begin with.

``python -m extractors.training.docbin train.jsonl dev.jsonl -o corpus`` writes ``train.spacy`` and ``dev.spacy`` with
the mentions of each document as ``doc.ents``, in our tokens and without LaTeX, and ``config.cfg``, which trains spaCy's
own recogniser on them: ``python -m spacy train corpus/config.cfg -o model``. What it makes goes into our pipeline::

    own = spacy.load("model/model-best")
    nlp = extractors.load()
    nlp.add_pipe("ner", source=own, before="kg_entities")  # its word counts; kg_entities adds to it
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import DocBin

from extractors.tokenizer import configure_tokenizer
from extractors.training.gold import read_gold, token_spans
from schemas.errors import AbstractKGError

__all__ = ["main", "to_docbin", "write_config"]


def to_docbin(path: Path, nlp: Language) -> tuple[DocBin, int]:
    """Return the documents of a gold file, and the number of mentions that do not stand on borders of our tokens.

    Raises
    ------
    RecordError
        A line that is not of the extraction format.
    """
    collected, lost = DocBin(), 0
    for document in read_gold(path, nlp):
        spans = token_spans(document)
        lost += len(document.spans) - len(spans)
        document.doc.set_ents([spacy.tokens.Span(document.doc, *span) for span in spans])
        collected.add(document.doc)
    return collected, lost


def write_config(path: Path, *, train: Path, dev: Path) -> None:
    """Write the configuration of a tokenizer like ours and spaCy's recogniser, to be trained on these files."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "kg_tokenizer"}}})
    nlp.add_pipe("ner")
    config = nlp.config
    config["paths"] |= {"train": train.as_posix(), "dev": dev.as_posix()}
    config["training"]["score_weights"] = {"ents_f": 1.0}
    config.to_disk(path)


def main(argv: Sequence[str] | None = None) -> None:
    """Convert the files that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.docbin", description="Gold lines -> .spacy.")
    parser.add_argument("train", type=Path, help="annotated papers to train on, one a line")
    parser.add_argument("dev", type=Path, help="others, to score on")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder")
    arguments = parser.parse_args(argv)
    nlp = configure_tokenizer(spacy.blank("en"))
    arguments.output.mkdir(parents=True, exist_ok=True)
    written = {}
    for part in ("train", "dev"):
        source = getattr(arguments, part)
        try:
            documents, lost = to_docbin(source, nlp)
        except (AbstractKGError, OSError, ValueError) as error:
            sys.exit(f"{source}: {error}")
        written[part] = arguments.output / f"{part}.spacy"
        documents.to_disk(written[part])
        print(f"{written[part]}: {len(documents)} documents; {lost} mentions left out, which end inside a token")
    write_config(arguments.output / "config.cfg", **written)
    print(f"python -m spacy train {arguments.output / 'config.cfg'} -o model")


if __name__ == "__main__":
    main()
