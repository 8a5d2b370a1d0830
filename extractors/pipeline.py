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
from typing import TYPE_CHECKING, Any, Final

import schemas.text
from schemas.errors import InputError
from schemas.records import Abbreviation, DocumentEntity, Extraction, Mention, Paper, Rejection, Result, text_hash
from schemas.text import Readable, readable

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

log = logging.getLogger("extractors")
Outcome = tuple[Extraction, Rejection | None]

__all__ = ["COMPONENTS", "MAX_CHARACTERS", "PIPELINES", "extract", "load", "pipeline_version", "version_of"]

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
_VERSION: Final = "kg_pipeline_version"  # and its version, where it is not one of ours as it was loaded
MAX_CHARACTERS: Final = 50_000  # of a title and abstract that are read; what follows is left unread (most have 1,500)


def load(
    name: str = "en",
    *,
    vocab: Vocab | bool = True,
    disable: str | Iterable[str] = (),
    enable: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    config: Mapping[str, Any] | None = None,
) -> Language:
    """Return the pipeline of that name: a plain spaCy pipeline, for ``nlp(text)`` and ``nlp.pipe(texts)``.

    ``en`` is the most accurate, ``en-fast`` leaves the transformer out.

    ``doc.ents`` holds the mentions, ``doc._.methods``, ``.models``, ``.datasets``, ``.metrics`` and ``.tasks`` the
    entities, ``doc._.abbreviations`` and ``doc._.results`` the rest, ``doc._.kg`` all of it as JSON has it. A title
    ends at the first line feed.

    Parameters
    ----------
    name
        ``en`` or ``en-fast``.
    vocab, disable, enable, exclude, config
        As ``spacy.load`` takes them: words to share, components that do not run or are not loaded, other settings.

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
    from spacy.util import load_model_from_config
    from thinc.api import Config

    from extractors.tokenizer import configure_tokenizer

    register()
    components = {factory: {"factory": factory} | PIPELINES[name].get(factory, {}) for factory in COMPONENTS}
    settings = Config({"nlp": {"lang": "en", "pipeline": list(COMPONENTS)}, "components": components})
    nlp = load_model_from_config(
        settings.merge(dict(config or {})), vocab=vocab, disable=disable, enable=enable, exclude=exclude, auto_fill=True
    )
    nlp.meta.update({"name": "abstractkg", "version": VERSION, "license": "Apache-2.0"})
    nlp.meta["description"] = "Entities, roles, results of abstracts"
    nlp.meta[_NAME] = name
    return configure_tokenizer(nlp)


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


def version_of(nlp: Language) -> str:
    """Return the version of a pipeline: that of :func:`pipeline_version` for one as :func:`load` gives it.

    For any other a second digest is added, of its configuration and of all that its components keep. What a component
    keeps elsewhere (in its source, or in a file) is not seen: raise ``nlp.meta["version"]`` when that changes.

    >>> nlp = load("en-fast")
    >>> version_of(nlp) == pipeline_version("en-fast")
    True
    >>> _ = nlp.add_pipe("entity_ruler")
    >>> version_of(nlp).startswith(pipeline_version("en-fast") + ".")
    True
    """
    name = nlp.meta.get(_NAME, "en")
    own = _state(nlp)
    same = name in PIPELINES and nlp.pipe_names == list(COMPONENTS) and own == _shipped_state(name)
    return pipeline_version(name) if same else f"{pipeline_version(name)}.{own}"


def _state(nlp: Language) -> str:
    digest = hashlib.sha256(f"{nlp.meta.get('version')}\n{nlp.config.to_str()}".encode())
    for name, component in nlp.pipeline:
        digest.update(f"\n{name}\n".encode())
        if hasattr(component, "to_bytes"):
            digest.update(component.to_bytes(exclude=["vocab"]))
    return digest.hexdigest()[:8]


@cache
def _shipped_state(name: str) -> str:
    return _state(load(name))


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
    if nlp is not None:
        nlp.meta[_VERSION] = version_of(nlp)
    stream = iter(papers)
    batches = iter(lambda: list(islice(stream, batch_size)), [])
    if n_process == 1:
        pipeline = nlp or load(name)
        outcomes: Iterator[list[Outcome]] = (read_batch(pipeline, batch) for batch in batches)
    else:
        from extractors.workers import in_processes

        version = pipeline_version(name) if nlp is None else str(nlp.meta[_VERSION])
        outcomes = in_processes(nlp, batches, name=name, version=version, n_process=n_process)
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
    version = nlp.meta.get(_VERSION) or pipeline_version(nlp.meta.get(_NAME, "en"))
    texts = [readable(paper.text[:MAX_CHARACTERS]) for paper in papers]
    with nullcontext() if inside_one or len(nlp.vocab) < _KEPT_WORDS else nlp.memory_zone():
        docs = _docs(nlp, [text.text for text in texts])
        return [_found(*found, version) for found in zip(papers, texts, docs, strict=True)]


def _docs(nlp: Language, texts: list[str]) -> list[Doc | Exception]:
    """Return the documents of ``texts``, with the error in place of one on which a component failed."""
    try:
        return list(nlp.pipe(texts))
    except MemoryError:
        raise  # the next text would meet it too
    except Exception:  # of any component, also one of the user's: one text must not stop the others
        return [_doc(nlp, text) for text in texts]


def _doc(nlp: Language, text: str) -> Doc | Exception:
    try:
        return nlp(text)
    except MemoryError:
        raise
    except Exception as error:
        return error


def unread(paper: Paper, version: str, reason: str) -> Outcome:
    """Return nothing, found in ``paper`` by that version of a pipeline, and the reason."""
    nothing = Extraction(paper_id=paper.id, text_hash=text_hash(paper), pipeline=version)
    line = " ".join(f"paper {paper.id!r} {reason}".split())
    return nothing, Rejection(source=paper.source or paper.id, reason=line)


def _found(paper: Paper, text: Readable, doc: Doc | Exception, version: str) -> Outcome:
    from extractors.document import get_abbreviations, get_entities, get_results

    if isinstance(doc, Exception):
        return unread(paper, version, f"could not be read: {type(doc).__name__}: {doc}")
    found = replace(
        unread(paper, version, "")[0],
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
