"""The coarser grain of a graph: versions, sizes and editions counted as their families."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from kg.graph import KnowledgeGraph
from schemas.records import Alias, Link
from schemas.vocabulary import strongest

__all__ = ["families", "roll_up"]

RESULT_IDS = ("subject_id", "metric_id", "dataset_id", "task_id", "baseline_id")


def families(graph: KnowledgeGraph) -> dict[str, str]:
    """Return for each entity the id of its outermost family: its own where it is no variant.

    >>> from schemas.records import Entity
    >>> gpt = [("gpt", None), ("gpt-3.5", "gpt"), ("gpt-3.5-turbo", "gpt-3.5")]
    >>> entities = [Entity(id=id_, type="Model", name=id_, variant_of=of) for id_, of in gpt]
    >>> families(KnowledgeGraph(papers=[], entities=entities, links=[]))["gpt-3.5-turbo"]
    'gpt'
    """
    parents = {entity.id: entity.variant_of for entity in graph.entities}
    found = {}
    for id_ in parents:
        passed = [id_]
        while (parent := parents.get(passed[-1])) is not None and parent in parents and parent not in passed:
            passed.append(parent)
        found[id_] = passed[-1]
    return found


def roll_up(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return ``graph`` with every variant counted as its outermost family.

    A paper that names several variants has one link to their family: all mentions, the strongest role with its own
    evidence, the highest confidence. A family's ``papers`` are those that name it or any of its variants, its aliases
    are all their names, each with its own count.

    Examples
    --------
    >>> from schemas.records import Entity, Link, Paper
    >>> entities = [Entity(id="bert", type="Model", name="BERT", papers=1)]
    >>> entities += [Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", papers=1)]
    >>> papers = [Paper(id=i, title=i) for i in "ab"]
    >>> links = [
    ...     Link(paper_id=p, entity_id=e, role="uses", confidence=1) for p, e in (("a", "bert"), ("b", "bert-base"))
    ... ]
    >>> coarse = roll_up(KnowledgeGraph(papers=papers, entities=entities, links=links))
    >>> [(entity.id, entity.papers) for entity in coarse.entities], [paper.id for paper in coarse.papers_of("bert")]
    ([('bert', 2)], ['a', 'b'])
    """
    family = families(graph)
    groups: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in graph.links:
        groups[link.paper_id, family[link.entity_id]].append(link)
    links = [_joined(entity_id, group) for (_, entity_id), group in groups.items()]
    papers = Counter(link.entity_id for link in links)
    aliases: dict[str, Counter[str]] = defaultdict(Counter)
    for entity in graph.entities:
        aliases[family[entity.id]].update(dict(entity.aliases))
    return KnowledgeGraph(
        papers=graph.papers,
        entities=[
            replace(
                entity,
                variant_of=None,
                papers=papers[entity.id],
                aliases=tuple(Alias(*item) for item in sorted(aliases[entity.id].items(), key=lambda i: (-i[1], i[0]))),
            )
            for entity in graph.entities
            if family[entity.id] == entity.id
        ],
        links=links,
        results=[
            replace(result, **{name: family.get(id_, id_) for name in RESULT_IDS if (id_ := getattr(result, name))})
            for result in graph.results
        ],
        replaced={id_: family[current] for id_, current in graph.replaced.items()},
        info=graph.info,
    )


def _joined(entity_id: str, links: Sequence[Link]) -> Link:
    """One link for several of one paper."""
    role = strongest(*(link.role for link in links))
    telling = max(
        (link for link in links if link.role == role), key=lambda link: (link.role_confidence, link.entity_id)
    )
    mentions = {mention for link in links for mention in link.mentions}
    return replace(
        telling,
        entity_id=entity_id,
        confidence=max(link.confidence for link in links),
        mentions=tuple(sorted(mentions, key=lambda mention: (mention.start, mention.end, mention.type))),
    )
