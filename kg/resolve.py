"""Names of many papers -> shared entities, and what follows from that for links and results.

The steps, each in a module of :mod:`kg.resolution`: ``forms`` and anchors, ``senses`` of short forms, merging ``rules``
over disjoint sets (``clusters``), ``labels`` and ids, which last (``identity``), ``families``, and the user's
:mod:`kg.curation`, applied by ``corrections``. Everything is a function of the extractions, the corrections and the ids
given before: neither their order nor the hash seed changes anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.names import key, normal_form
from kg.resolution.aliases import AliasRow, alias_table
from kg.resolution.clusters import Clusters
from kg.resolution.contexts import senses_in_context
from kg.resolution.corrections import NO_CORRECTIONS, Corrections
from kg.resolution.families import families_of, is_within
from kg.resolution.forms import Corpus, Node, Speller, read_corpus
from kg.resolution.identity import Cluster, Identity, Traced, trace_ids
from kg.resolution.labels import Labelled, assign_ids, preferred_label, slug
from kg.resolution.linking import link_entities, link_results
from kg.resolution.matches import Match
from kg.resolution.rules import added_heads, known_aliases, shared_shorts, word_forms, word_orders
from kg.resolution.senses import Senses, choose_senses, explain_shorts, known_shorts
from schemas.records import Alias, Entity, Extraction, Link, ReportedResult

if TYPE_CHECKING:
    from kg.curation import Curation

__all__ = ["Draft", "Resolution", "cluster", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What :func:`resolve` decided, and why."""

    entities: tuple[Entity, ...]  # in the order of their ids
    links: tuple[Link, ...]  # in the order of paper and entity id, one for each pair
    results: tuple[ReportedResult, ...]  # in the order of papers, and in each as read
    matches: tuple[Match, ...]  # every decision behind the entities
    open_matches: tuple[Match, ...]  # what was proposed and not decided
    decided: Mapping[str, str | None]  # entity id -> the external IRI that the user gives it; None: that it has none
    identities: tuple[Identity, ...]  # every id given now or before, in their order; what the next build is to know
    assigned: Mapping[
        str, tuple[str | None, ...]
    ]  # paper id -> entity id of each of Extraction.entities; None: dropped

    def explain(self, entity_id: str) -> tuple[Match, ...]:
        """Return the decisions that made the forms of one entity one, the best supported first."""
        found = [match for match in self.matches if match.entity == entity_id]
        return tuple(sorted(found, key=lambda match: (-match.papers, -match.score, match.left, match.right)))


@dataclass(slots=True)
class Draft:
    """Clusters with ids and labels, before they become records."""

    corpus: Corpus
    speller: Speller
    clusters: Clusters
    roots: list[Node]  # of each unit
    aliases: dict[Node, Counter[str]]  # root -> surface form -> papers
    labels: dict[Node, str]
    types: dict[Node, str]
    ids: dict[Node, str]
    coined: dict[Node, str]  # the name that the id comes from
    known: Mapping[str, Identity]  # ids of earlier builds
    traced: Traced


def cluster(
    corpus: Corpus, corrections: Corrections, table: Sequence[AliasRow], without: Collection[str] = ()
) -> tuple[Clusters, list[Node]]:
    """Decide which forms are one entity; return the clusters, and for each unit the root of its cluster."""
    clusters = Clusters(corpus, without)
    nodes = [corpus.node(unit) for unit in corpus.units]
    bare = [corpus.is_bare(unit) for unit in corpus.units]
    for unit, node, alone in zip(corpus.units, nodes, bare, strict=True):
        if not alone:
            clusters.add(node, unit)
    for one, other in corrections.apart:
        clusters.keep_apart(one, other)
    explanations = explain_shorts(corpus)
    clusters.apply(known_aliases(clusters, table))
    clusters.apply(word_forms(clusters, {}))
    clusters.apply(shared_shorts(clusters, explanations))
    senses = Senses()
    if "long form" not in without:
        known = known_shorts(corpus, table)
        senses = choose_senses(clusters, explanations, known)
        # With the short forms inside them spelled out, more long forms are one: then more short forms are clear.
        clusters.apply(word_forms(clusters, senses.expansions))
        clusters.apply(added_heads(clusters, senses), force=True)
        senses = choose_senses(clusters, explanations, known)
    nodes = _placed(clusters, nodes, bare, senses, in_context="context" not in without)
    for unit, node, alone in zip(corpus.units, nodes, bare, strict=True):
        if alone:
            clusters.add(node, unit)
    clusters.apply(word_forms(clusters, senses.expansions))
    clusters.apply(added_heads(clusters, senses), force=True)  # "GLUE, a benchmark ... the GLUE benchmark" is one thing
    clusters.apply(word_orders(clusters, senses.expansions))
    corrections.merge(clusters)
    return clusters, [clusters.find(node) for node in nodes]


def _placed(
    clusters: Clusters, nodes: Sequence[Node], bare: Sequence[bool], senses: Senses, *, in_context: bool
) -> list[Node]:
    """For each unit the node that it counts for: for a short form its meaning, where that is clear."""
    placed = list(nodes)
    known: list[Node | None] = [None if alone else node for node, alone in zip(nodes, bare, strict=True)]
    for i, (unit, node) in enumerate(zip(clusters.corpus.units, nodes, strict=True)):
        if (sense := senses.of(node, unit.type)) is not None:
            placed[i] = known[i] = sense
            clusters.note(sense, senses.evidence[node, sense])
    if in_context:
        for i, sense, match in senses_in_context(clusters, known):
            placed[i] = sense
            clusters.note(sense, match)
    return placed


def resolve(
    extractions: Iterable[Extraction],
    *,
    curation: Curation | None = None,
    aliases: Sequence[AliasRow] | None = None,
    known: Iterable[Identity] = (),
    without: Collection[str] = (),
) -> Resolution:
    """Resolve the names of papers to shared entities.

    Several entities of one paper that are the same become one link: all their mentions, the strongest role with its
    own confidence and evidence, and the highest confidence (the extractor saw the same text each time, so that its
    confidences are no independent evidence to be combined).

    Parameters
    ----------
    extractions
        One for each paper, in any order.
    curation
        The user's corrections; they win over everything.
    aliases
        Known aliases in place of the shipped table.
    known
        The ``identities`` of an earlier resolution: entities keep the ids that they had in it.
    without
        Rules (keys of :data:`kg.resolution.matches.RULES`) to leave out, to see what each is worth.

    Raises
    ------
    InputError
        Two extractions are of one paper.
    CurationError
        A correction names what is not there, or contradicts another.

    Notes
    -----
    Time and memory grow linearly with the number of names but for sorting.

    Examples
    --------
    >>> from schemas.records import DocumentEntity, Mention
    >>> def extraction(paper, *names):
    ...     mentions = tuple(Mention(0, len(name), name, "Model") for name in names)
    ...     entity = DocumentEntity(name=names[0], type="Model", role="uses", mentions=mentions)
    ...     return Extraction(paper_id=paper, text_hash="", pipeline="", entities=(entity,))
    >>> papers = [
    ...     extraction("a", "graph transducers", "GTs"),
    ...     extraction("b", "GT"),
    ...     extraction("c", "Graph Transducer"),
    ... ]
    >>> [(entity.id, entity.name, entity.papers) for entity in resolve(papers).entities]
    [('graph-transducer', 'Graph Transducer', 3)]
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.paper_id)
    table = () if "alias table" in without else alias_table() if aliases is None else aliases
    identities = {identity.id: identity for identity in known}
    draft = _draft(ordered, NO_CORRECTIONS, table, identities, without)
    corrections = NO_CORRECTIONS
    if curation:
        corrections = Corrections.read(curation, draft)
        if corrections.change_clusters:
            draft = _draft(ordered, corrections, table, identities, without)
        corrections.rewrite(draft)
    return _records(ordered, draft, corrections)


def _draft(
    extractions: Sequence[Extraction],
    corrections: Corrections,
    table: Sequence[AliasRow],
    known: Mapping[str, Identity],
    without: Collection[str],
) -> Draft:
    speller = Speller(corrections.spellings)
    corpus = read_corpus(extractions, speller)
    clusters, roots = cluster(corpus, corrections, table, without)
    aliases: dict[Node, Counter[str]] = defaultdict(Counter)
    for (_, root), surfaces in _surfaces(corpus, roots).items():
        aliases[root].update(surfaces)
    types = {root: clusters.type_of(root) for root in sorted(aliases)}
    labels = {root: preferred_label(aliases[root], type_, speller) for root, type_ in types.items()}
    clusters_ = (Cluster(root, slug(label), aliases[root]) for root, label in labels.items()) if known else ()
    traced = trace_ids(known.values(), clusters_, speller)
    wanted = {
        root: Labelled(labels[root], type_, _anchor_of(root, corpus), clusters.size(root))
        for root, type_ in types.items()
        if root not in traced.kept
    }
    new = assign_ids(wanted.values(), taken=known)
    ids = {root: traced.kept[root].id if root in traced.kept else new[wanted[root]] for root in types}
    coined = labels | {root: identity.name for root, identity in traced.kept.items()}
    return Draft(corpus, speller, clusters, roots, aliases, labels, types, ids, coined, known, traced)


def _anchor_of(root: Node, corpus: Corpus) -> str:
    """The readable form of a root that no other root has; spellings that are kept apart have but a key of their own."""
    normal = corpus.normals[root.key]
    return f"{normal if key(normal) == root.key else root.key} {root.kind}"


def _surfaces(corpus: Corpus, roots: Sequence[Node]) -> dict[tuple[str, Node], set[str]]:
    """The surface forms of each entity in each paper."""
    found: dict[tuple[str, Node], set[str]] = defaultdict(set)
    for unit, root in zip(corpus.units, roots, strict=True):
        found[unit.paper, root].update(unit.surfaces)
    return found


def _records(extractions: Sequence[Extraction], draft: Draft, corrections: Corrections) -> Resolution:
    dropped = corrections.dropped(draft)
    ids: dict[Node, str | None] = {root: None if root in dropped else id_ for root, id_ in draft.ids.items()}
    assigned: dict[str, list[str | None]] = {extraction.paper_id: [] for extraction in extractions}
    for unit, root in zip(draft.corpus.units, draft.roots, strict=True):
        assigned[unit.paper].append(ids[root])
    links: list[Link] = []
    results: list[ReportedResult] = []
    for extraction in extractions:
        entity_ids = assigned[extraction.paper_id]
        links += link_entities(extraction, entity_ids)
        results += link_results(extraction, entity_ids)
    return Resolution(
        entities=tuple(_entities(draft, ids, links)),
        links=tuple(links),
        results=tuple(results),
        matches=tuple(_matches(draft, ids)),
        open_matches=tuple(_open_matches(draft, ids)),
        decided=corrections.decided(draft),
        identities=tuple(_identities(draft, ids)),
        assigned={paper: tuple(entity_ids) for paper, entity_ids in assigned.items()},
    )


def _entities(draft: Draft, ids: Mapping[Node, str | None], links: Iterable[Link]) -> list[Entity]:
    papers = Counter(link.entity_id for link in links)
    families = _families(draft, ids)
    entities = []
    for root, id_ in ids.items():
        if id_ is None:
            continue
        entities.append(
            Entity(
                id=id_,
                type=draft.types[root],
                name=draft.labels[root],
                aliases=_aliases(draft.aliases[root]),
                variant_of=families.get(root),
                papers=papers[id_],
            )
        )
    return sorted(entities, key=lambda entity: entity.id)


def _aliases(counts: Mapping[str, int]) -> tuple[Alias, ...]:
    return tuple(Alias(*item) for item in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _identities(draft: Draft, ids: Mapping[Node, str | None]) -> list[Identity]:
    """Every id of this build and of those before, with what it stands for now."""
    found = {
        id_: Identity(id_, root.kind, root.key, draft.coined[root], _aliases(draft.aliases[root]), ids[root])
        for root, id_ in draft.ids.items()
    }
    for id_, identity in draft.known.items():
        if id_ not in found:
            root = draft.traced.went.get(id_)
            found[id_] = replace(identity, current=ids.get(root) if root else None)
    return [found[id_] for id_ in sorted(found)]


def _families(draft: Draft, ids: Mapping[Node, str | None]) -> dict[Node, str]:
    """For each entity that is a version, size or edition, the nearest family that is an entity of its type."""
    by_key: dict[tuple[str, str], Node] = {}
    for root in sorted(draft.aliases, key=lambda root: (-draft.clusters.size(root), root)):
        for surface in draft.aliases[root]:
            by_key.setdefault((draft.types[root], draft.speller(surface).key), root)
    families = {}
    for root, label in draft.labels.items():
        for name in families_of(label):
            family = by_key.get((draft.types[root], key(normal_form(name))))
            if family is None or family == root or not is_within(draft.labels[family], label):
                continue
            if (id_ := ids[family]) is not None:
                families[root] = id_
                break
    return families


def _matches(draft: Draft, ids: Mapping[Node, str | None]) -> list[Match]:
    """All decisions with the ids of their entities; first what the papers themselves say."""
    corpus, normals = draft.corpus, draft.corpus.normals
    said: Counter[tuple[str, str, Node]] = Counter()
    for unit, root in zip(corpus.units, draft.roots, strict=True):
        if len(unit.keys) > 1:
            said.update((normals[form], normals[unit.anchor], root) for form in unit.keys if form != unit.anchor)
    found = [(root, Match(left, right, "same paper", papers)) for (left, right, root), papers in said.items()]
    found += [(draft.clusters.find(node), match) for node, match in draft.clusters.matches]
    kept = {replace(match, entity=id_) for root, match in found if (id_ := ids.get(root)) is not None}
    return sorted(kept, key=lambda match: (match.entity, -match.papers, match.left, match.right, match.rule))


def _open_matches(draft: Draft, ids: Mapping[Node, str | None]) -> list[Match]:
    """What was proposed and refused, the best supported first of each pair of entities."""
    clusters = draft.clusters
    found: dict[tuple[str, str], Match] = {}
    for one, other, match in clusters.refused:
        left, right = clusters.find(one), clusters.find(other)
        id_, other_id = ids.get(left), ids.get(right)
        if id_ is None or other_id is None or id_ == other_id or clusters.are_apart(left, right):
            continue
        found.setdefault((min(id_, other_id), max(id_, other_id)), replace(match, entity=id_, other=other_id))
    return [found[pair] for pair in sorted(found)]
