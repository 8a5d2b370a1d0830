"""Extraction beside its own model: what ONNX Runtime alone takes over the same windows, in the same run.

``python tests/bench_model.py papers.jsonl.gz``: papers a CPU second of one process, where model and pipeline take turns
over the same papers; then papers a second of two processes side by side, from the moment on at which both have started.
"""

import argparse
import multiprocessing
import statistics
import time
from itertools import islice

import extractors
import kg
from kg.extraction import load_reader
from schemas.text import readable

TURNS = 5
ONE, TWO = 200, 1_200  # papers that one process reads in each turn, and two together
BATCH = 16  # papers that a process is given at a time: so that both end at about the same time


def feeds_of(papers):
    """What the session takes in for these papers, and the session."""
    nlp = extractors.load()
    transformer = nlp.get_pipe("kg_entities").recogniser.transformer
    feeds = []
    for paper in papers:
        doc = nlp.make_doc(readable(paper.text).text)
        feeds += transformer.feeds(doc, transformer.pieces.windows([token.text for token in doc]))
    return transformer.session, feeds


def run(session, feeds):
    for feed in feeds:
        session.run(None, feed)


def one_process(papers):
    """Return the CPU seconds of model and pipeline, one each turn."""
    session, feeds = feeds_of(papers)
    read = load_reader()
    read(papers)  # as in a longer run, most words have been met before
    seconds = {"model": [], "pipeline": []}
    for _ in range(TURNS):
        for name, work in (("model", lambda: run(session, feeds)), ("pipeline", lambda: read(papers))):
            began = time.process_time()
            work()
            seconds[name].append(time.process_time() - began)
    return seconds


def run_alone(papers, barrier, pipe):
    """Be one of the processes that run the model alone."""
    session, feeds = feeds_of(papers)
    run(session, feeds[:20])
    barrier.wait()
    began = time.perf_counter()
    run(session, feeds)
    pipe.send(time.perf_counter() - began)


def two_processes(papers):
    """Return the papers a second of the model in two processes, and of the pipeline in two."""
    context = multiprocessing.get_context("spawn")
    barrier, (ours, theirs) = context.Barrier(2), context.Pipe()
    crew = [context.Process(target=run_alone, args=(papers[half::2], barrier, theirs)) for half in (0, 1)]
    for process in crew:
        process.start()
    model = len(papers) / statistics.fmean(ours.recv() for _ in crew)
    for process in crew:
        process.join()
    extractions = extractors.extract(papers, n_process=2, batch_size=BATCH)
    started = list(islice(extractions, 2 * BATCH))  # both are at work
    began = time.perf_counter()
    rest = len(list(extractions))
    assert rest + len(started) == len(papers)
    return model, rest / (time.perf_counter() - began)


def compare(path):
    """Print both comparisons."""
    papers = list(islice(kg.read(path), TWO))
    seconds = one_process(papers[:ONE])
    rates = {name: ONE / statistics.median(found) for name, found in seconds.items()}
    ratios = [model / pipeline for model, pipeline in zip(seconds["model"], seconds["pipeline"], strict=True)]
    print(
        f"one process: {', '.join(f'{name} {rate:.1f}' for name, rate in rates.items())} papers a CPU second; ", end=""
    )
    print(f"the pipeline has {statistics.median(ratios):.2f} of its model's speed")
    model, pipeline = two_processes(papers)
    print(f"two processes: model {model:.1f}, pipeline {pipeline:.1f} papers a second; ", end="")
    print(f"the pipeline has {pipeline / model:.2f} of its model's speed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers")
    compare(parser.parse_args().papers)
