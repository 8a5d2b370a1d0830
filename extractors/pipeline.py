"""The pipeline: its components in order, how it is loaded, and how it reads papers.

Nothing here loads spaCy until a pipeline is needed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import schemas.text
from schemas.errors import InputError
from schemas.records import Abbreviation, DocumentEntity, Extraction, Mention, Paper, Rejection, Result, text_hash
from schemas.text import Readable, readable

if TYPE_CHECKING:
    from spacy.language import Language

log = logging.getLogger("extractors")
Outcome = tuple[Extraction, Rejection | None]

__all__ = ["COMPONENTS", "MAX_CHARACTERS", "PIPELINES", "extract", "load", "pipeline_version"]

# Factory of each component, in the order in which they run, and the module that registers it.
COMPONENTS: Final[dict[str, str]] = {
    "kg_sentences": "extractors.sentences",  # where sentences begin
    "kg_entities": "extractors.entities",  # mentions, by the trained recogniser
    "kg_lexicon": "extractors.lexicon",  # mentions, by known names
    "kg_abbreviations": "extractors.abbreviations",  # short forms and their long forms
    "kg_mentions": "extractors.mentions",  # mentions made consistent, and grouped into entities
    "kg_roles": "extractors.roles",  # what the paper does with each entity
    "kg_results": "extractors.results",  # what it reports in figures
}
# Name of each pipeline, and how its components differ from their defaults.
PIPELINES: Final[dict[str, dict[str, dict[str, object]]]] = {
    "en": {},
    "en-fast": {"kg_entities": {"fast": True}},  # without the transformer
}
VERSION: Final = "0.1.0"
# Of schemas: what makes text readable, and words singular, changes what is found in it too.
OUTSIDE: Final = ("inflection.py", "markup.py", "scan.py", "text.py")
_KEPT_WORDS: Final = 20_000  # that stay known, of the first papers; with none, the tokenizer takes three times as long
_NAME: Final = "kg_pipeline"  # where a pipeline's meta data hold its name
MAX_CHARACTERS: Final = 50_000  # of a title and abstract that are read; what follows is left unread (most have 1,500)


def load(name: str = "en") -> Language:
    """Return the pipeline of that name: a plain spaCy pipeline, for ``nlp(text)`` and ``nlp.pipe(texts)``.

    ``en`` is the most accurate, ``en-fast`` leaves the transformer out.

    ``doc.ents`` holds the mentions, ``doc._.methods``, ``.models``, ``.datasets``, ``.metrics`` and ``.tasks`` the
    entities, ``doc._.abbreviations`` and ``doc._.results`` the rest. A title ends at the first line feed.

    Raises
    ------
    InputError
        No pipeline goes by that name, or its weights are damaged.

    Examples
    --------
    >>> nlp = load()
    >>> nlp.pipe_names[:2]
    ['kg_sentences', 'kg_entities']
    """
    if name not in PIPELINES:
        raise InputError(f"no pipeline {name!r}; valid: {', '.join(PIPELINES)}")
    import spacy

    from extractors.tokenizer import configure_tokenizer

    register()
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.meta.update({"name": "abstractkg", "version": VERSION, "description": "Entities, roles, results of abstracts"})
    nlp.meta[_NAME] = name
    for factory in COMPONENTS:
        nlp.add_pipe(factory, config=PIPELINES[name].get(factory, {}))
    return nlp


def register() -> None:
    """Make spaCy know our components and what they add to a ``Doc``."""
    from extractors.document import register_extensions

    register_extensions()
    for module in COMPONENTS.values():
        import_module(module)


@cache
def pipeline_version(name: str = "en") -> str:
    """Return name, version and a digest of all that an extraction depends on: weights, name lists and source.

    >>> pipeline_version().startswith("abstractkg-en 0.1.0+")
    True
    """
    here, outside = Path(__file__).parent, Path(schemas.text.__file__).parent
    files = {path.relative_to(here).as_posix(): path for path in here.rglob("*") if _counts(path.relative_to(here))}
    files |= {f"schemas/{name}": outside / name for name in OUTSIDE}
    return f"abstractkg-{name} {VERSION}+{_digest(files)}"


def _digest(files: Mapping[str, Path]) -> str:
    """Eight hex digits that change with the name or the content of any of ``files``."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name].read_bytes()).digest())
    return digest.hexdigest()[:8]


def _counts(path: Path) -> bool:
    """Whether extraction can depend on this file of the package (a folder has no suffix)."""
    return path.parts[0] != "training" and "__pycache__" not in path.parts and path.suffix not in (".md", ".pyc", "")


def extract(
    papers: Iterable[Paper],
    *,
    nlp: Language | None = None,
    name: str = "en",
    n_process: int = 1,
    batch_size: int = 64,
    on_reject: Callable[[Rejection], None] | None = None,
) -> Iterator[Extraction]:
    """Yield what is found in each paper, in the order of the papers.

    Papers are taken as they are needed, so that an endless stream of them does not fill memory. The result is the same
    whatever the batches and processes.

    Parameters
    ----------
    papers
        Of each, the first :data:`MAX_CHARACTERS` of title and abstract are read.
    nlp
        The pipeline; if ``None``, the one that :func:`load` gives by ``name``.
    n_process : int
        Number of processes. With more than one, a script needs ``if __name__ == "__main__":`` around what it does.
    batch_size : int
        Number of papers that a process works on at a time.
    on_reject
        Is told of each paper that a component fails on, or that worker processes died over twice; in its extraction
        there is then nothing. By default that is logged as a warning.

    Raises
    ------
    InputError
        Worker processes die as they start or over whatever they read, or ``n_process`` or ``batch_size`` is below 1.

    Examples
    --------
    >>> [extraction.paper_id for extraction in extract([Paper(id="a", title="On X"), Paper(id="b", title="On Y")])]
    ['a', 'b']
    """
    if n_process < 1 or batch_size < 1:
        raise InputError(f"n_process ({n_process}) and batch_size ({batch_size}) must be at least 1")
    stream = iter(papers)
    batches = iter(lambda: list(islice(stream, batch_size)), [])
    if n_process == 1:
        pipeline = nlp or load(name)
        outcomes: Iterator[list[Outcome]] = (read_batch(pipeline, batch) for batch in batches)
    else:
        from extractors.workers import in_processes

        outcomes = in_processes(nlp, batches, name=name if nlp is None else name_of(nlp), n_process=n_process)
    for batch in outcomes:
        for extraction, rejection in batch:
            if rejection is not None:
                (on_reject or _warn)(rejection)
            yield extraction


def _warn(rejection: Rejection) -> None:
    log.warning("%s: %s", rejection.source, rejection.reason)


def read_batch(nlp: Language, papers: list[Paper]) -> list[Outcome]:
    """Return what is found in each of ``papers``, with the reason where one could not be read.

    Words are kept as long as they are few, so that the tokenizer knows the common ones; those met later are forgotten
    afterwards (``nlp.memory_zone``), so that memory does not grow with the papers.
    """
    inside_one = getattr(nlp.vocab, "in_memory_zone", False)  # they do not nest
    with nullcontext() if inside_one or len(nlp.vocab) < _KEPT_WORDS else nlp.memory_zone():
        return [_read(nlp, paper) for paper in papers]


def name_of(nlp: Language | None) -> str:
    """Return the name that :func:`load` gave ``nlp`` by."""
    return "en" if nlp is None else str(nlp.meta.get(_NAME, "en"))


def unread(paper: Paper, name: str, reason: str) -> Outcome:
    """Return nothing, found in ``paper`` by the pipeline of that name, and the reason."""
    nothing = Extraction(paper_id=paper.id, text_hash=text_hash(paper), pipeline=pipeline_version(name))
    line = " ".join(f"paper {paper.id!r} {reason}".split())
    return nothing, Rejection(source=paper.source or paper.id, reason=line)


def _read(nlp: Language, paper: Paper) -> Outcome:
    from extractors.document import get_abbreviations, get_entities, get_results

    text = readable(paper.text[:MAX_CHARACTERS])
    try:
        doc = nlp(text.text)
    except MemoryError:
        raise  # the next paper would meet it too
    except Exception as error:  # of any component, also one of the user's: one paper must not stop the others
        return unread(paper, name_of(nlp), f"could not be read: {type(error).__name__}: {error}")
    found = replace(
        unread(paper, name_of(nlp), "")[0],
        entities=tuple(_entity_to_source(entity, text, paper) for entity in get_entities(doc)),
        results=tuple(_result_to_source(result, text) for result in get_results(doc)),
        abbreviations=tuple(_abbreviation_to_source(pair, text) for pair in get_abbreviations(doc)),
    )
    return found, None


# From offsets of the readable text to offsets of the text as stored


def _mention_to_source(mention: Mention, text: Readable, paper: Paper) -> Mention:
    start, end = text.to_source(mention.start, mention.end)
    return replace(mention, start=start, end=end, text=paper.text[start:end])


def _entity_to_source(entity: DocumentEntity, text: Readable, paper: Paper) -> DocumentEntity:
    mentions = tuple(_mention_to_source(mention, text, paper) for mention in entity.mentions)
    evidence = None if entity.evidence is None else text.to_source(*entity.evidence)
    return replace(entity, mentions=mentions, evidence=evidence)


def _result_to_source(result: Result, text: Readable) -> Result:
    """Return the result with its sentence and its value as the source has them: ``23\\%``, where the text reads 23%."""
    start, end = text.to_source(result.start, result.end)
    place = text.text.find(result.value, result.start, result.end)
    value = text.source[slice(*text.to_source(place, place + len(result.value)))] if place >= 0 else result.value
    return replace(result, value=value, start=start, end=end)


def _abbreviation_to_source(pair: Abbreviation, text: Readable) -> Abbreviation:
    start, end = text.to_source(pair.start, pair.end)
    long_start, long_end = text.to_source(pair.long_start, pair.long_end)
    return replace(pair, start=start, end=end, long_start=long_start, long_end=long_end)
