"""From a blank machine to the recogniser's weights.

``python -m extractors.training GOLD_DIR --abstracts FILE... -o extractors/models/en`` reads ``train.jsonl`` and
``dev.jsonl`` of GOLD_DIR and abstracts without annotation (one JSON object a line: ``title``, ``abstract``, ``year``).
It needs ``pip install 'abstractkg[train]'`` (with torch for the CPU or for a GPU), four hours of two CPU cores
and 6 GB of memory; ``--fast-only`` leaves the transformer out and takes an hour. With its fixed seeds it ends within
noise of the figures of the model card.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import spacy

from extractors.network import FeatureExtractor, NetworkSettings
from extractors.recogniser import Recogniser, find_mentions
from extractors.tokenizer import configure_tokenizer
from extractors.training.cooccurrence import learn_vectors, read_abstracts
from extractors.training.gold import HELD_OUT, GoldDocument, read_gold, score_spans, token_spans
from extractors.training.recogniser import (
    Example,
    Schedule,
    calibration_error,
    fit,
    fit_calibration,
    gold_examples,
    scored_candidates,
    taught_examples,
)

SIZES = NetworkSettings(
    rows={"norm": 5000, "prefix": 500, "suffix": 2500, "shape": 2500, "tail": 3000}, width=128, embed_width=64
)
VECTOR_SIZE = 128
ALONE = Schedule(epochs=4, dropout=0.3)  # a network on annotated documents; it overfits from the fifth epoch on
TAUGHT = Schedule(epochs=2, dropout=0.2)  # the network that is shipped, mostly on what teachers say
N_TEACHERS = 3
N_TAUGHT = 17_000  # abstracts that the teachers read
GOLD_TIMES = 3  # that the annotated documents are among them
THRESHOLD = 0.4  # of confidence: F1 on the development documents is 0.712 here, 0.709 at 0.35 and 0.706 at 0.45
SINCE = 2016  # year of the oldest abstract: the ACL Anthology is CC BY from then on


def main(argv: Sequence[str] | None = None) -> None:
    """Train, calibrate, report, write."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training", description="Train the recogniser.")
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more annotated documents to train on")
    parser.add_argument("--abstracts", type=Path, nargs="*", default=[], help="files of papers without annotation")
    parser.add_argument("--fast-only", action="store_true", help="without the transformer")
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args(argv)

    print("1. Annotated documents, in their readable form and in our tokens")
    nlp = configure_tokenizer(spacy.blank("en"))
    train, dev = (list(read_gold(arguments.gold / f"{part}.jsonl", nlp)) for part in ("train", "dev"))
    for name, documents in (("train", train), ("dev", dev)):
        wanted, aligned = sum(len(d.spans) for d in documents), sum(len(token_spans(d)) for d in documents)
        print(f"  {name}: {len(documents)} documents, {wanted} mentions, {aligned / wanted:.2%} on token borders")
    held_out = train[::HELD_OUT]
    train = [document for number, document in enumerate(train) if number % HELD_OUT]
    train += [document for path in arguments.also for document in read_gold(path, nlp)]

    own = {_title(d.doc.text) for d in (*train, *held_out, *dev)}
    texts = [text for text in read_abstracts(arguments.abstracts, since=SINCE) if _title(text) not in own]
    print(f"2. Word vectors from the neighbours of words in {len(texts)} abstracts")
    vectors = learn_vectors(texts, nlp, size=VECTOR_SIZE) if texts else None

    print("3. Networks on the annotated documents")
    sizes = replace(SIZES, vector_size=VECTOR_SIZE if vectors else 0)
    gold = gold_examples(train, FeatureExtractor(sizes.rows, vectors))
    teachers = []
    for seed in range(N_TEACHERS if texts else 1):
        teachers.append(fit(gold, sizes, replace(ALONE, seed=seed), vectors=vectors))
        report(teachers[-1], dev)

    print("4. One network that learns what they say together of abstracts without annotation")
    chosen = random.Random(0).sample(texts, min(N_TAUGHT, len(texts)))
    taught = taught_examples(map(nlp.make_doc, chosen), teachers)
    shipped = fit([*taught, *gold * GOLD_TIMES], sizes, TAUGHT, vectors=vectors) if taught else teachers[0]

    print("5. How far its probabilities can be believed, by documents that it has not seen")
    shipped.settings["calibration"] = fit_calibration(scored_candidates(shipped, held_out))
    shipped.settings["threshold"] = THRESHOLD
    print(f"  slope and offset of log-odds: {shipped.settings['calibration']}")

    print("6. What it finds in the development documents")
    report(shipped, dev)
    if not arguments.fast_only:
        from extractors.training.together import teach_each_other

        def fit_network(examples: Sequence[Example]) -> Recogniser:
            return fit([*examples, *gold * GOLD_TIMES], sizes, TAUGHT, vectors=vectors)

        shipped = teach_each_other(shipped, train, chosen, texts, nlp, fit_network)
        fast = Recogniser(shipped.settings, shipped.arrays)
        fast.settings["threshold"] = THRESHOLD
        print("12. What each finds in the development documents")
        for recogniser in (fast, shipped):
            recogniser.deciding["calibration"] = fit_calibration(scored_candidates(recogniser, held_out))
            report(recogniser, dev)
    shipped.to_disk(arguments.output)
    print(f"Wrote {arguments.output}")


def _title(text: str) -> str:
    return "".join(character for character in text.split("\n")[0].casefold() if character.isalnum())


def report(recogniser: Recogniser, dev: list[GoldDocument]) -> None:
    """Print strict scores by type, calibration and speed."""
    started = time.perf_counter()
    found = [
        find_mentions(d.doc, recogniser.read(d.doc).spans, threshold=recogniser.deciding["threshold"]) for d in dev
    ]
    seconds = time.perf_counter() - started
    spans = [[(mention.start, mention.end, mention.type) for mention in mentions] for mentions in found]
    for name, score in score_spans([d.spans for d in dev], spans).items():
        print(f"  {name:8} precision {score.precision:.3f}  recall {score.recall:.3f}  F1 {score.f1:.3f}")
    confidences = [mention.confidence for mentions in found for mention in mentions]
    right = [span in d.spans for d, own in zip(dev, spans, strict=True) for span in own]
    print(f"  expected calibration error {calibration_error(confidences, right):.3f}")
    print(f"  {len(dev) / seconds:.0f} documents a second of one thread, tokenised before")


if __name__ == "__main__":
    main()
