"""The whole flow: papers in, graph out.

Extraction is nearly all of the cost, so it alone is kept (in the store, by text and pipeline version) and committed
batch by batch: a killed build goes on where it was. What follows is computed anew by every build, as a pure function
of the papers, their extractions and the curation file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg.assembly import CURATION_FILE, Progress, assemble, read_corrections, write_files
from kg.extraction import extract_missing, pipeline_name
from kg.graph import KnowledgeGraph
from schemas.records import Duplicate, Paper, Rejection

if TYPE_CHECKING:
    from spacy.language import Language

    from kg.resolution.authority import Concept
    from kg.store import Store

__all__ = ["CURATION_FILE", "Build", "Progress", "build", "build_folder"]

READ_BATCH = 256  # papers between two reports of progress

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
    fetch_limit: int | None = None,
    refetch: bool = False,
    nlp: Language | None = None,
) -> KnowledgeGraph:
    """Build the graph of some papers.

    Parameters
    ----------
    sources
        Paths, folders or globs for :func:`kg.read`, iterables of :class:`~schemas.records.Paper`, or queries to a
        service as :func:`kg.fetch` takes them: ``"arxiv:cat:cs.CL"``.
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
    fetch_limit
        Papers of each service asked, by default 1,000.
    refetch
        Ask services again; by default what was fetched into ``out`` for the same query is used.
    nlp
        A pipeline of your own to extract with, as :func:`extractors.load` gives one, with components added or changed.

    Raises
    ------
    FetchError
        A service cannot be reached or refuses; what has come is kept in ``out``.
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
        fetch_limit=fetch_limit,
        refetch=refetch,
        nlp=nlp,
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
    fetch_limit: int | None = None,
    refetch: bool = False,
    nlp: Language | None = None,
    rejections: Iterable[Rejection] = (),
    progress: Progress,
) -> Build:
    """Do what :func:`build` does, report progress, and return the whole account.

    ``rejections`` are of records that were tried before and did not become one of ``sources``.
    """
    from kg.store import Store

    folder = None if out is None else Path(out)
    run = Build(rejections=list(rejections))
    sources = [_live(source, folder, fetch_limit, refetch, run, progress) for source in sources]
    papers = _read(sources, format=format, run=run, progress=progress)
    corrections = read_corrections(curation, folder)
    concepts = _concepts(authorities, run)
    with Store(folder) as store:
        if not sources:  # nothing was read, so what the last reading left out still is
            run.duplicates, run.rejections = store.duplicates(), store.rejections()
        papers = _merge(papers, store, prune=prune, run=run)
        reader = nlp or pipeline_name(fast)
        pipeline = extract_missing(papers, store, reader, jobs=jobs, run=run, progress=progress)
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


def _live(
    source: Source, folder: Path | None, limit: int | None, refetch: bool, run: Build, progress: Progress
) -> Source:
    """Return the papers of a source that is a query to a service; else the source."""
    from kg.fetching.live import live_query, read_live

    if (asked := live_query(source)) is None:
        return source
    on_reject = run.rejections.append
    return read_live(*asked, folder=folder, limit=limit, refetch=refetch, on_reject=on_reject, progress=progress)


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
            if len(papers) % READ_BATCH == 0:
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


def _silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""
