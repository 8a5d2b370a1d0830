"""From a blank machine to the recogniser's weights.

``python -m extractors.training GOLD_DIR -o extractors/models/en`` reads ``train.jsonl`` and ``dev.jsonl`` of GOLD_DIR,
takes about half an hour on one CPU core, and with its fixed seeds ends at the same weights on the same machine, within
noise of them on another.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import spacy

from extractors.entities import Recogniser, find_mentions
from extractors.network import NetworkSettings
from extractors.tokenizer import configure_tokenizer
from extractors.training.gold import GoldDocument, read_gold, score_spans, token_spans
from extractors.training.recogniser import (
    Schedule,
    calibration_error,
    fit,
    fit_calibration,
    scored_candidates,
)
from extractors.weights import write_weights

SIZES = NetworkSettings(rows={"norm": 5000, "prefix": 1000, "suffix": 2500, "shape": 2500})
SCHEDULE = Schedule()
HELD_OUT = 10  # one in so many training documents is kept for calibration


def main() -> None:
    """Train, calibrate, report, write."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training", description=__doc__)
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args()

    print("1. Annotated documents, in their readable form and in our tokens")
    nlp = configure_tokenizer(spacy.blank("en"))
    train, dev = (list(read_gold(arguments.gold / f"{part}.jsonl", nlp)) for part in ("train", "dev"))
    for name, documents in (("train", train), ("dev", dev)):
        wanted, aligned = sum(len(d.spans) for d in documents), sum(len(token_spans(d)) for d in documents)
        print(f"  {name}: {len(documents)} documents, {wanted} mentions, {aligned / wanted:.2%} on token borders")

    print(f"2. A network that has not seen one document in {HELD_OUT}, and how far its probabilities can be believed")
    blind = fit([d for i, d in enumerate(train) if i % HELD_OUT], SIZES, SCHEDULE)
    calibration = fit_calibration(scored_candidates(blind, train[::HELD_OUT]))
    print(f"  slope and offset of log-odds: {calibration}")

    print("3. The network that is shipped, from all training documents")
    shipped = fit(train, SIZES, SCHEDULE)
    shipped.settings |= {"calibration": calibration}

    print("4. What it finds in the development documents")
    report(shipped, dev)
    write_weights(arguments.output, "recogniser", shipped.arrays, shipped.settings)
    print(f"Wrote {arguments.output}")


def report(recogniser: Recogniser, dev: list[GoldDocument]) -> None:
    """Print strict scores by type, calibration and speed."""
    started = time.perf_counter()
    found = [find_mentions(d.doc, recogniser, threshold=recogniser.settings["threshold"]) for d in dev]
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
