"""Papers to extractions: in one process or in one for each processor, what is there already left alone.

The one module of ``kg`` that runs the extractors. What they find is kept in the store, by text and pipeline version,
and committed batch by batch: a killed build goes on where it was.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

from schemas.records import Extraction, Paper, Rejection, text_hash

if TYPE_CHECKING:
    from spacy.language import Language

    from kg.assembly import Progress
    from kg.run import Build
    from kg.store import Store

__all__ = ["extract", "extract_missing", "extract_pairs", "load_reader", "pipeline_name", "pipeline_of", "processors"]

CHUNK: Final = 64  # papers that a process works on at a time: what Ctrl-C waits for
BATCH: Final = 4 * CHUNK  # papers a transaction: what a killed build loses at most
PARALLEL_FROM: Final = 400  # papers: below, starting a second process costs more than it saves

log = logging.getLogger("kg")


def extract(
    papers: Iterable[Paper], *, jobs: int = 1, fast: bool = False, nlp: Language | None = None
) -> Iterator[Extraction]:
    """Yield the extraction of each paper, in order, streaming.

    Parameters
    ----------
    papers
        Any iterable; read only as far as batches need.
    jobs, fast, nlp
        Processes to extract with, whether to do without the transformer, and a pipeline of your own; see
        :func:`build`.

    Examples
    --------
    >>> import kg
    >>> extraction = next(kg.extract([kg.Paper(id="a", title="BERT", abstract="We fine-tune BERT on SQuAD.")]))
    >>> sorted(entity.name for entity in extraction.entities)
    ['BERT', 'SQuAD']
    """
    return (extraction for _, extraction in extract_pairs(papers, jobs=jobs, fast=fast, nlp=nlp))


def extract_pairs(
    papers: Iterable[Paper],
    *,
    jobs: int | None = 1,
    fast: bool = False,
    nlp: Language | None = None,
    on_reject: Callable[[Rejection], None] | None = None,
) -> Iterator[tuple[Paper, Extraction]]:
    """Yield each paper with its extraction, as :func:`extract` does, holding only the papers under way.

    With ``jobs`` None there is a process for each processor, if the papers are many enough to be worth it.
    ``on_reject`` is told of a paper that a component fails on, just before it is yielded.
    """
    import extractors

    under_way: deque[Paper] = deque()
    stream = iter(papers)
    if jobs is None:
        first = list(islice(stream, PARALLEL_FROM))
        jobs, stream = _processes(len(first)), chain(first, stream)

    def noted() -> Iterator[Paper]:
        for paper in stream:
            under_way.append(paper)
            yield paper

    found = extractors.extract(noted(), nlp=nlp, name=pipeline_name(fast), n_process=jobs, on_reject=on_reject)
    for extraction in found:
        yield under_way.popleft(), extraction


def load_reader(*, fast: bool = False) -> Callable[[list[Paper]], list[tuple[Extraction, Rejection | None]]]:
    """Return the function that reads papers with a pipeline that is loaded once, for a worker that stays.

    >>> from schemas.records import Paper
    >>> [(extraction, rejection)] = load_reader(fast=True)([Paper(id="a", title="On BERT")])
    >>> extraction.paper_id, rejection
    ('a', None)
    """
    import extractors
    from extractors.pipeline import read_batch

    nlp = extractors.load(pipeline_name(fast))
    return lambda papers: read_batch(nlp, papers)


def pipeline_of(*, fast: bool = False) -> str:
    """Return name and version of the pipeline that papers are read with."""
    import extractors

    return extractors.pipeline_version(pipeline_name(fast))


def pipeline_name(fast: bool) -> str:
    """Return the name of the pipeline, with or without the transformer."""
    return "en-fast" if fast else "en"


def _processes(n_papers: int) -> int:
    """One for each processor that this process may use; a single one for few papers."""
    if n_papers < PARALLEL_FROM:
        return 1
    return processors()


def processors() -> int:
    """Return how many processors this process may use, at least 1.

    >>> processors() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def extract_missing(
    papers: list[Paper], store: Store, reader: str | Language, *, jobs: int | None, run: Build, progress: Progress
) -> str:
    """Extract the papers that this version of the pipeline has not read yet; return that version."""
    import extractors

    nlp, name = (None, reader) if isinstance(reader, str) else (reader, "en")
    pipeline = extractors.pipeline_version(name) if nlp is None else extractors.version_of(nlp)
    cached = store.extracted(pipeline)
    by_text = {text_hash(paper): paper for paper in papers}
    missing = [paper for key, paper in by_text.items() if key not in cached]
    run.extracted, run.reused = len(missing), len(papers) - len(missing)
    if missing and not cached and (others := store.count_extractions()):
        log.info("the pipeline is now %s: %d extractions of earlier versions are made anew", pipeline, others)
    jobs = _processes(len(missing)) if jobs is None else jobs
    extracted: Iterable[Extraction] = ()
    if missing:
        on_reject = run.rejections.append
        extracted = extractors.extract(
            missing, nlp=nlp, name=name, n_process=jobs, batch_size=CHUNK, on_reject=on_reject
        )
    batch: list[tuple[Paper, Extraction]] = []
    rejected = len(run.rejections)
    progress("extract", 0, len(missing))
    with _Interrupt() as interrupt:
        for done, pair in enumerate(zip(missing, extracted, strict=True), start=1):
            if len(run.rejections) == rejected:
                batch.append(pair)
            rejected = len(run.rejections)  # a paper that a component failed on is tried again by the next build
            stop = done == len(missing) or (interrupt.came and done % CHUNK == 0)
            if len(batch) >= BATCH or stop:
                store.put_extractions(batch)
                batch.clear()
            progress("extract", done, len(missing))
            if interrupt.came and stop:
                raise KeyboardInterrupt
    return pipeline


class _Interrupt:
    """Notes the first Ctrl-C, so that the papers under way are finished and kept; the second has its usual effect."""

    def __init__(self) -> None:
        self.came = False
        self._usual: Any = None

    def __enter__(self) -> _Interrupt:
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._usual = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        log.info("interrupted: finishing the papers under way; once more to stop at once")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._usual is not None:
            signal.signal(signal.SIGINT, self._usual)
