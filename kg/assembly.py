"""What follows from the extractions: shared entities, the graph, the database's tables and the files beside it.

All of it is made anew by every build, in seconds; :func:`rebuild` makes it without reading any paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.graph import GraphInfo, KnowledgeGraph
from schemas.records import Duplicate, Paper, Rejection
from schemas.vocabulary import BASE_IRI, registered_types

if TYPE_CHECKING:
    from kg.curation import Curation
    from kg.resolution.authority import Concept
    from kg.store import Store

__all__ = ["CURATION_FILE", "Progress", "assemble", "read_corrections", "rebuild", "write_files"]

CURATION_FILE: Final = "curation.yaml"  # in the graph folder: read by every build there
FILES: Final = ("graph.ttl", "graph.html")  # what a build writes beside the database

Progress = Callable[[str, int, int], None]  # stage, papers done, papers in all


def read_corrections(path: str | Path | None, folder: Path | None) -> Curation | None:
    """Return the corrections in ``path``, by default those in the folder, if any.

    Raises
    ------
    CurationError
        The file cannot be read or says something impossible.
    """
    from kg.curation import read_curation

    if path is not None:
        return read_curation(Path(path))
    if folder is not None and (folder / CURATION_FILE).is_file():
        return read_curation(folder / CURATION_FILE)
    return None


def assemble(
    store: Store,
    papers: Sequence[Paper],
    pipeline: str,
    *,
    curation: Curation | None = None,
    concepts: Sequence[Concept] = (),
    base_iri: str | None = None,
    licence: str | None = None,
    duplicates: Sequence[Duplicate] = (),
    rejections: Sequence[Rejection] = (),
    on_resolved: Callable[[], None] = lambda: None,
    progress: Progress,
) -> KnowledgeGraph:
    """Resolve what ``pipeline`` has read of ``papers``, and put the graph in the store in place of the one there.

    Parameters
    ----------
    concepts
        What authorities know; entities get its identities.
    on_resolved
        Called when the corrections have proved usable, before anything is written.

    Raises
    ------
    CurationError
        As :func:`kg.resolve.resolve`; nothing has been written then.
    """
    from kg.resolution.authority import identify
    from kg.resolve import resolve

    progress("resolve", 0, len(papers))
    found = resolve(store.extractions(papers, pipeline), curation=curation, known=store.identities())
    identified = identify(found.entities, concepts, decided=found.decided)
    on_resolved()
    graph = KnowledgeGraph(
        papers=papers,
        entities=identified.entities,
        links=found.links,
        results=found.results,
        matches=(*found.matches, *identified.matches),
        open_matches=(*found.open_matches, *identified.open_matches),
        replaced={
            identity.id: identity.current
            for identity in found.identities
            if identity.current not in (None, identity.id)
        },
        info=GraphInfo(
            pipeline=pipeline,
            base_iri=base_iri or store.meta().get("base_iri", BASE_IRI),
            licence=licence or store.meta().get("licence", ""),
            types=tuple(row for row in registered_types() if row.name in {e.type for e in identified.entities}),
        ),
    )
    progress("store", 0, len(papers))
    store.put_graph(graph, identities=found.identities, duplicates=duplicates, rejections=rejections)
    return graph


def write_files(graph: KnowledgeGraph, folder: Path, progress: Progress) -> None:
    """Write what stands beside the database."""
    for name in FILES:
        progress(f"write {name}", 0, len(graph.papers))
        graph.write(folder / name)


def rebuild(folder: Path, curation: Curation | None, *, progress: Progress) -> KnowledgeGraph:
    """Make the graph of a folder anew with other corrections, from what earlier builds have read.

    The corrections are also written to the folder's ``curation.yaml``, once they have proved usable.

    Parameters
    ----------
    curation
        None to use what ``curation.yaml`` says now.

    Raises
    ------
    StoreError
        No finished graph is there.
    CurationError
        A correction names what is not there, or contradicts another; folder and file are as they were.
    """
    from kg.curation import write_curation
    from kg.store import Store

    path = folder / CURATION_FILE
    with Store(folder, existing=True) as store:
        graph = assemble(
            store,
            list(store.sources()),
            store.pipeline(),
            curation=read_corrections(None, folder) if curation is None else replace(curation, source=str(path)),
            concepts=store.concepts(),
            duplicates=store.duplicates(),
            rejections=store.rejections(),
            on_resolved=lambda: None if curation is None else write_curation(curation, path),
            progress=progress,
        )
        write_files(graph, folder, progress)
    return graph
