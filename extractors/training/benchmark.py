"""Our recipe on public test sets, beside what others have published.

``python -m extractors.training.benchmark CORPORA_DIR [--corpus scierc]`` trains the transformer on the training split
of each corpus alone and scores it on the official test split, strictly: borders and label as annotated, of nested
spans the longest. CORPORA_DIR holds ``<corpus>/{train,test}.jsonl`` of objects ``{"text", "entities": [{"start", "end",
"label"}], "sents"?}``. Nothing that is trained here is kept.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extractors.crf import decode, encode_spans, span_probabilities, tags_of
from extractors.pieces import Pieces
from extractors.recogniser import Recogniser
from extractors.tokenizer import configure_tokenizer
from extractors.training.encoder import Sizes
from extractors.training.pretrained import load_pretrained
from extractors.training.together import table_sizes
from extractors.training.transformer import Reader, Schedule, blank_tagger, fit, scores
from extractors.vectors import WordVectors

__all__ = ["main"]

LONGEST = 220  # words that are read at a time; a full text is cut between sentences
THRESHOLD = 0.4


@dataclass(frozen=True)
class Corpus:
    """A public corpus: how long to train on it, and what others reach on its test split (strict micro F1)."""

    epochs: int
    published: str


CORPORA = {
    "scierc": Corpus(15, "spaCy CNN 0.501, PURE 0.667, DyGIE++ 0.675, SpERT-SciBERT 0.703 (110 M parameters)"),
    "tdmsci": Corpus(10, "none on this split (development documents were taken from training)"),
    "scier": Corpus(3, "0.869 (best supervised system)"),
    "gsap": Corpus(2, "SciBERT 0.619, RoBERTa 0.633, SciDeBERTa 0.645 (mean of 10 folds)"),
}


@dataclass(frozen=True)
class Piece:
    """A stretch of a text with the spans of characters annotated in it."""

    doc: Doc
    wanted: frozenset[tuple[int, int, str]]


def read_corpus(path: Path, nlp: Language) -> Iterator[Piece]:
    """Yield the texts of a corpus, cut between sentences where they are long."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text, spans = record["text"], [(e["start"], e["end"], e["label"]) for e in record["entities"]]
        for start, end in _stretches(text, record.get("sents") or [[0, len(text)]]):
            own = {(s - start, e - start, label) for s, e, label in spans if start <= s and e <= end}
            doc = nlp.make_doc(text[start:end])
            if len(doc):
                yield Piece(doc, frozenset(_outermost(own)))


def _stretches(text: str, sentences: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    start = sentences[0][0]
    for (_, end), (_, after) in zip(sentences, [*sentences[1:], [0, len(text) * 9]], strict=True):
        if len(text[start:after].split()) > LONGEST or after > len(text):
            yield start, end
            start = end


def _outermost(spans: set[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    taken: list[tuple[int, int]] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if all(end <= left or right <= start for left, right in taken):
            taken.append((start, end))
            yield start, end, label


def measure(folder: Path, corpus: Corpus, nlp: Language) -> tuple[float, float, float]:
    """Return strict precision, recall and F1 on the test split."""
    train, test = (list(read_corpus(folder / f"{split}.jsonl", nlp)) for split in ("train", "test"))
    types = sorted({label for piece in train for _, _, label in piece.wanted})
    network = Recogniser.load("en", fast=True)
    pretrained = load_pretrained(piece.doc.text for piece in train)
    vectors, rows = WordVectors.from_arrays(network.arrays), table_sizes(network)
    reader = Reader(Pieces(pretrained.vocabulary), network.extract_features, rows, vectors.table())
    one_hot = np.eye(len(tags_of(types)), dtype=np.float16)
    texts = []
    for piece in train:
        spans = [piece.doc.char_span(start, end, label=label) for start, end, label in sorted(piece.wanted)]
        own = [(span.start, span.end, span.label_) for span in spans if span is not None]
        texts.append(reader.text(piece.doc, one_hot[encode_spans(own, len(piece.doc), types)]))
    sizes = Sizes(len(pretrained.vocabulary), tuple(rows), tags=len(one_hot), roles=1)
    trained = fit(texts, reader, blank_tagger(pretrained, sizes), Schedule(epochs=corpus.epochs))
    counts: Counter[str] = Counter()
    seen = scores(trained.tagger, reader, [reader.text(piece.doc) for piece in test])
    for piece, (tags, _) in zip(test, seen, strict=True):
        found = decode(span_probabilities(tags, trained.transitions, types=types), threshold=THRESHOLD)
        chars = {(*_characters(piece.doc, span.start, span.end), span.type) for span in found}
        counts += Counter(found=len(chars), wanted=len(piece.wanted), right=len(chars & piece.wanted))
    precision, recall = counts["right"] / max(1, counts["found"]), counts["right"] / max(1, counts["wanted"])
    return precision, recall, 2 * counts["right"] / max(1, counts["found"] + counts["wanted"])


def _characters(doc: Doc, start: int, end: int) -> tuple[int, int]:
    return doc[start].idx, doc[end - 1].idx + len(doc[end - 1])


def main(argv: Sequence[str] | None = None) -> None:
    """Train, score, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.benchmark", description=__doc__)
    parser.add_argument("corpora", type=Path, help="folder with a folder for each corpus")
    parser.add_argument("--corpus", choices=CORPORA, action="append", help="by default all of them")
    arguments = parser.parse_args(argv)
    nlp = configure_tokenizer(spacy.blank("en"))
    rows = ["| corpus | precision | recall | F1 | published F1 | minutes |", "|---|---|---|---|---|---|"]
    for name in arguments.corpus or CORPORA:
        started = time.perf_counter()
        precision, recall, f1 = measure(arguments.corpora / name, CORPORA[name], nlp)
        minutes = (time.perf_counter() - started) / 60
        published = CORPORA[name].published
        rows.append(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {published} | {minutes:.0f} |")
        print(rows[-1], flush=True)
    print(*rows, sep="\n")


if __name__ == "__main__":
    main()
