"""The whole flow: papers in, graph out. The one module of ``kg`` that runs the extractors.

Extraction is nearly all of the cost, so it alone is kept (in the store, by text and pipeline version) and committed
batch by batch: a killed build goes on where it was. What follows is computed anew by every build, as a pure function
of the papers, their extractions and the curation file.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from kg.assembly import CURATION_FILE, Progress, assemble, read_corrections, write_files
from kg.graph import KnowledgeGraph
from schemas.records import Duplicate, Extraction, Paper, Rejection, text_hash

if TYPE_CHECKING:
    from kg.resolution.authority import Concept
    from kg.store import Store

__all__ = ["CURATION_FILE", "Build", "Progress", "build", "build_folder", "extract", "extract_pairs"]

CHUNK = 64  # papers that a process works on at a time: what Ctrl-C waits for
BATCH = 4 * CHUNK  # papers a transaction: what a killed build loses at most
PARALLEL_FROM = 400  # papers: below, starting a second process costs more than it saves

Source = str | Path | Iterable[Paper]
log = logging.getLogger("kg")


@dataclass(slots=True)
class Build:
    """What a build did, beside the graph that it made."""

    read: int = 0  # records of papers in the input
    duplicates: list[Duplicate] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    extracted: int = 0  # papers read by the extractors in this run
    reused: int = 0  # papers whose extraction was there already
    removed: int = 0  # papers of earlier builds that this one dropped
    graph: KnowledgeGraph = field(default_factory=lambda: KnowledgeGraph(papers=(), entities=(), links=()))


def build(
    *sources: Source,
    out: str | Path | None = None,
    format: str | None = None,
    curation: str | Path | None = None,
    authorities: Iterable[str | Path] | None = None,
    prune: bool = False,
    jobs: int = 1,
    base_iri: str | None = None,
    licence: str | None = None,
    fast: bool = False,
) -> KnowledgeGraph:
    """Build the graph of some papers.

    Parameters
    ----------
    sources
        Paths, folders or globs for :func:`kg.read`, or iterables of :class:`~schemas.records.Paper`.
    out
        The folder that keeps the graph, to be opened by :func:`kg.open` and built upon; None keeps it in memory alone.
    format
        The reader's name, where it should not be told from content and suffix.
    curation
        The user's corrections; by default ``curation.yaml`` in ``out``, if there is one.
    authorities
        Files for :func:`kg.authorities.read_authority`, from which entities get external identities; by default those
        that the folder was built with before, if any.
    prune
        Drop the papers of earlier builds that are not among ``sources``.
    jobs
        Processes to extract with. With more than one, a script needs ``if __name__ == "__main__":`` around what it
        does, as all that start processes; the command ``kg build`` takes one for each processor by itself.
    base_iri
        Under which papers and entities get their IRIs; by default what the folder has, or ``BASE_IRI``.
    licence
        Web address of the licence that the graph may be used under; by default what the folder has.
    fast
        Extract without the transformer: several times as fast, and less accurate (see the model card).

    Raises
    ------
    InputError, StoreError
        An input, the curation file or the folder is unusable as a whole. Single records that cannot be read are
        logged as warnings and left out.

    Examples
    --------
    >>> import kg
    >>> graph = kg.build([kg.Paper(id="a", title="BERT", abstract="We fine-tune BERT on SQuAD.")])
    >>> graph.papers_of("squad")[0].title
    'BERT'
    """
    run = build_folder(
        sources,
        out=out,
        format=format,
        curation=curation,
        authorities=authorities,
        prune=prune,
        jobs=jobs,
        base_iri=base_iri,
        licence=licence,
        fast=fast,
        progress=_silent,
    )
    for rejection in run.rejections:
        log.warning("%s: %s", rejection.source, rejection.reason)
    return run.graph


def build_folder(
    sources: Iterable[Source],
    *,
    out: str | Path | None,
    format: str | None = None,
    curation: str | Path | None = None,
    authorities: Iterable[str | Path] | None = None,
    prune: bool = False,
    jobs: int | None = None,
    base_iri: str | None = None,
    licence: str | None = None,
    fast: bool = False,
    progress: Progress,
) -> Build:
    """Do what :func:`build` does, report progress, and return the whole account."""
    from kg.store import Store

    folder = None if out is None else Path(out)
    run = Build()
    papers = _read(sources, format=format, run=run, progress=progress)
    corrections = read_corrections(curation, folder)
    concepts = _concepts(authorities, run)
    with Store(folder) as store:
        if not sources:  # nothing was read, so what the last reading left out still is
            run.duplicates, run.rejections = store.duplicates(), store.rejections()
        papers = _merge(papers, store, prune=prune, run=run)
        pipeline = _extract_missing(papers, store, name=_pipeline(fast), jobs=jobs, run=run, progress=progress)
        if concepts is not None:
            store.put_concepts(concepts)
        run.graph = assemble(
            store,
            papers,
            pipeline,
            curation=corrections,
            concepts=store.concepts(),
            base_iri=base_iri,
            licence=licence,
            duplicates=run.duplicates,
            rejections=run.rejections,
            progress=progress,
        )
        store.drop_extractions(except_pipeline=pipeline)
        if folder is not None:  # before another build may begin here
            write_files(run.graph, folder, progress)
    return run


def extract(papers: Iterable[Paper], *, jobs: int = 1, fast: bool = False) -> Iterator[Extraction]:
    """Yield the extraction of each paper, in order, streaming.

    Parameters
    ----------
    papers
        Any iterable; read only as far as batches need.
    jobs, fast
        Processes to extract with, and whether to do without the transformer; see :func:`build`.

    Examples
    --------
    >>> import kg
    >>> extraction = next(kg.extract([kg.Paper(id="a", title="BERT", abstract="We fine-tune BERT on SQuAD.")]))
    >>> sorted(entity.name for entity in extraction.entities)
    ['BERT', 'SQuAD']
    """
    return (extraction for _, extraction in extract_pairs(papers, jobs=jobs, fast=fast))


def extract_pairs(
    papers: Iterable[Paper], *, jobs: int | None = 1, fast: bool = False
) -> Iterator[tuple[Paper, Extraction]]:
    """Yield each paper with its extraction, as :func:`extract` does, holding only the papers under way.

    With ``jobs`` None there is a process for each processor, if the papers are many enough to be worth it.
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

    for extraction in extractors.extract(noted(), name=_pipeline(fast), n_process=jobs):
        yield under_way.popleft(), extraction


def _processes(n_papers: int) -> int:
    """One for each processor that this process may use; a single one for few papers."""
    if n_papers < PARALLEL_FROM:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pipeline(fast: bool) -> str:
    return "en-fast" if fast else "en"


def _read(sources: Iterable[Source], *, format: str | None, run: Build, progress: Progress) -> list[Paper]:
    """Read every source; what cannot be read goes into ``run.rejections``."""
    from kg.readers import read

    papers: list[Paper] = []
    for source in sources:
        found: Iterable[Paper]
        if isinstance(source, str | Path):
            found = read(source, format=format, on_reject=run.rejections.append)
        else:
            found = source
        for paper in found:
            papers.append(paper)
            if len(papers) % BATCH == 0:
                progress("read", len(papers), 0)
    run.read = len(papers) + len(run.rejections)
    return papers


def _concepts(authorities: Iterable[str | Path] | None, run: Build) -> list[Concept] | None:
    """What the authorities know; None where none are given."""
    if authorities is None:
        return None
    from kg.authorities import read_authority

    return [concept for source in authorities for concept in read_authority(source, on_reject=run.rejections.append)]


def _merge(papers: list[Paper], store: Store, *, prune: bool, run: Build) -> list[Paper]:
    """Join new papers with those of earlier builds (a new one with a known id takes the older one's place)."""
    from kg.papers import merge_duplicates

    merged, run.duplicates, conflicts = merge_duplicates(papers)
    known = {paper.id for paper in papers} | {paper.id for paper in merged}
    stored = list(store.sources())
    earlier = [paper for paper in stored if paper.id not in known]
    if prune:
        run.removed = len(earlier)
    elif earlier:
        merged, duplicates, more = merge_duplicates([*merged, *earlier])
        run.duplicates += duplicates
        conflicts += more
    run.rejections.extend(conflicts)
    store.put_sources(merged)
    return merged


def _extract_missing(
    papers: list[Paper], store: Store, *, name: str, jobs: int | None, run: Build, progress: Progress
) -> str:
    """Extract the papers that this version of the pipeline has not read yet; return that version."""
    import extractors

    pipeline = extractors.pipeline_version(name)
    cached = store.extracted(pipeline)
    by_text = {text_hash(paper): paper for paper in papers}
    missing = [paper for key, paper in by_text.items() if key not in cached]
    run.extracted, run.reused = len(missing), len(papers) - len(missing)
    if missing and not cached and (others := store.count_extractions()):
        log.info("the pipeline is now %s: %d extractions of earlier versions are made anew", pipeline, others)
    jobs = _processes(len(missing)) if jobs is None else jobs
    extracted = (
        extractors.extract(missing, name=name, n_process=jobs, batch_size=CHUNK, on_reject=run.rejections.append)
        if missing
        else ()
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


def _silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""
