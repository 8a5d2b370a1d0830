"""What is looked at to tell the role of an entity: where it stands, what stands around it, what kind of name it is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from extractors.layout import Item, Layout, Place, Sentence, beside, stem
from extractors.lexicon import canonical_name
from schemas.records import DocumentEntity

__all__ = ["NOWHERE", "Feature", "features"]

NOWHERE: Final = -1  # the sentence of a feature that belongs to none

_CUES = {
    "propose": """
        propose proposes proposed proposing present presents presented presenting introduce introduces introduced
        introducing develop develops developed developing design designs designed release releases released create
        creates created construct constructs constructed build builds built devise devised contribute contributes named
        called dubbed termed coin coined novel new""",
    "beat": """
        outperform outperforms outperformed outperforming surpass surpasses surpassing surpassed exceed exceeds
        exceeding beat beats beating better than over compared comparison compare comparable competitive against versus
        vs vs. unlike baseline baselines contrast instead superior worse rival matches match par existing conventional
        traditional previous prior standard state-of-the-art""",
    "use": """
        use used uses using utilize utilizes utilizing leverage leverages leveraging apply applied applies applying
        employ employs employed employing based adopt adopts via by with evaluate evaluated evaluating evaluation
        experiments experiment test trained train training fine-tuned fine-tune fine-tuning pretrained on incorporate
        combine combining integrate""",
    "background": """
        recent recently however widely popular success successful promising such as including like although despite
        while fields field have has many most often typically typical applications areas remain remains current e.g. eg
        i.e.""",
}
_CUE: Final = {word: kind for kind, words in _CUES.items() for word in words.split()}
_TELLING_WORDS = """
    we our however recent recently existing show shows results experiments experimental propose introduce present
    demonstrate outperforms outperform compared unlike while although despite paper work study dataset benchmark
    release code available based traditional previous prior conventional such fields evaluate extensive achieve
    achieves state-of-the-art future can could may inspired first finally called"""
_TELLING: Final = frozenset(_TELLING_WORDS.split())
_DETERMINERS: Final = frozenset({"a", "an", "the", "our", "this", "these", "its", "their"})
_LIST_MARKS: Final = frozenset({",", "and", "or", "&", "(", ")", "/", ";"})
_FAR: Final = 60  # items on either side that are looked at
_LONGEST_LIST: Final = 60  # items of an enumeration on either side of a mention
_WORD = re.compile(r"\w+")


class Feature(NamedTuple):
    """Something that holds of an entity, and the sentence in which it was seen."""

    name: str
    sentence: int = NOWHERE


def _bucket(value: float, edges: Sequence[float]) -> int:
    """The number of edges below ``value``."""
    return bisect_left(edges, value)


def features(layout: Layout, index: int) -> Iterator[Feature]:
    """Yield the features of the entity at ``index``.

    Examples
    --------
    >>> import spacy
    >>> from schemas.records import Mention
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> bert = Mention(12, 16, "BERT", "Model")
    >>> entity = DocumentEntity(name="BERT", type="Model", role="uses", mentions=(bert,))
    >>> names = {feature.name for feature in features(Layout(nlp("On X\\nWe use BERT."), [entity]), 0)}
    >>> "type=Model" in names, "left=we use" in names, "title" in names
    (True, True, False)
    """
    yield from map(Feature, _of_name(layout.entities[index]))
    yield from map(Feature, _of_standing(layout, index))
    yield from map(Feature, _of_title(layout, index))
    yield from _of_places(layout, index)
    for place in layout.places[index]:
        sentence = layout.sentences[place.sentence]
        around = _of_title_words(sentence, place.item) if sentence.is_title else _of_context(layout, place)
        for name in around:
            yield Feature(name, place.sentence)


def _shape(name: str) -> str:
    """The kinds of characters in turn: ``Aa-0`` of ``Gpt-4``."""
    kinds = "".join("A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else c for c in name)
    return re.sub(r"(.)\1+", r"\1", kinds)[:8]


def _of_name(entity: DocumentEntity) -> Iterator[str]:
    """What the name itself says."""
    forms = sorted({mention.text for mention in entity.mentions})
    longest = max(forms, key=len)
    words = _WORD.findall(longest)
    capitals = sum(word[0].isupper() for word in words) / max(1, len(words))
    yield f"type={entity.type}"
    yield f"head={stem(longest.lower().split()[-1])}"
    yield f"words={min(len(longest.split()), 4)}"
    yield f"shape={_shape(entity.mentions[0].text)}"
    yield f"capitals={_bucket(capitals, (0, 0.5, 0.99))}"
    yield f"inner={any(re.search(r'[a-z][A-Z]|[A-Z]{2}|[0-9]', form) for form in forms)}"
    yield f"forms={min(len({form.lower() for form in forms}), 3)}"
    yield f"known={any(canonical_name(form, entity.type) is not None for form in forms)}"


def _of_standing(layout: Layout, index: int) -> Iterator[str]:
    """How the entity stands among the others: how often it is named, how early, what shares its words."""
    entity, own, words = layout.entities[index], layout.rank[index], layout.name_words[index]
    others = [(other, i) for i, other in enumerate(layout.entities) if i != index]
    same_type = [i for other, i in others if other.type == entity.type]
    yield f"count={_bucket(own[0], (0, 1, 2, 3, 5))}"
    yield f"of type={min(len(same_type), 3)}|{entity.type}"
    yield f"rank of type={min(sum(layout.rank[i] > own for i in same_type), 3)}"
    yield f"order of type={min(sum(layout.rank[i][1] > own[1] for i in same_type), 4)}|{entity.type}"
    yield f"rank={_bucket(sum(layout.rank[i] > own for _, i in others), (0, 1, 2, 4, 8))}"
    counts = [layout.word_counts[word] - own[0] for word in words] or [0]
    yield f"rarest word={_bucket(min(counts), (0, 1, 3))}"
    yield f"commonest word={_bucket(max(counts), (0, 1, 3, 6))}"
    within = next((other for other, i in others if words and words < layout.name_words[i]), None)
    contains = next((other for other, i in others if layout.name_words[i] and layout.name_words[i] < words), None)
    if within:
        yield f"within={within.type}"
    if contains:
        yield f"contains={contains.type}"


def _of_title(layout: Layout, index: int) -> Iterator[str]:
    """Whether and where the title names the entity, and how much of its name."""
    entity, end, words = layout.entities[index], layout.title_end, layout.name_words[index]
    shared = sum(word in layout.title_words for word in words) / max(1, len(words))
    yield f"title words={_bucket(shared, (0, 0.34, 0.67, 0.99))}"
    mention = entity.mentions[0]
    count = _bucket(len(layout.places[index]), (0, 1, 2, 3, 5))
    if mention.end > end:
        yield from ("no title", f"no title, count={count}")
        yield f"no title, title words={_bucket(shared, (0, 0.34, 0.67, 0.99))}"
        return
    colon = layout.text.find(":", 0, end)
    yield from ("title", f"title, count={count}", f"title at={_bucket(mention.start / end, (0, 0.3, 0.6))}")
    if mention.end == end:
        yield "title end"
    if colon < 0:
        yield "title without colon"
    elif mention.start == 0 and mention.end == colon:
        yield "title name"
    else:
        yield "title before colon" if mention.end <= colon else "title after colon"


def _of_places(layout: Layout, index: int) -> Iterator[Feature]:
    """In which parts of the abstract the entity is mentioned."""
    n = len(layout.sentences)
    places = [place for place in layout.places[index] if not layout.sentences[place.sentence].is_title]
    if not places:
        return
    edges = (0.12, 0.25, 0.4, 0.55, 0.7, 0.85)
    for name, place in (("first", places[0]), ("last", places[-1])):
        yield Feature(f"{name}={_bucket(place.sentence / max(1, n - 1), edges)}", place.sentence)
        if place.sentence == n - 1:
            yield Feature(f"{name} in last sentence", place.sentence)
        if place.sentence <= 1:
            yield Feature(f"{name} in first sentence", place.sentence)
    yield Feature(f"span={_bucket((places[-1].sentence - places[0].sentence) / n, (0, 0.2, 0.5))}")


def _list_of(items: Sequence[Item], i: int) -> tuple[int, int]:
    """The first and the last mention of the enumeration that the mention at ``i`` stands in."""
    ends = []
    for step in (-1, 1):
        end, j = i, i + step
        while (
            0 <= j < len(items)
            and abs(j - i) <= _LONGEST_LIST
            and (items[j].entity >= 0 or items[j].text in _LIST_MARKS)
        ):
            end = j if items[j].entity >= 0 else end
            j += step
        ends.append(end)
    return ends[0], ends[1]


def _of_neighbours(items: Sequence[Item], first: int, last: int) -> Iterator[str]:
    """The words next to the items from ``first`` to ``last``."""
    left = ["^"] * (first < 4) + [item.text for item in items[max(0, first - 4) : first]]
    right = [item.text for item in items[last + 1 : last + 4]] + ["$"] * (last + 4 > len(items))
    yield from beside(left, right)
    bare = [word for word in left if word not in _DETERMINERS]
    if bare != left:
        yield from (f"left but determiners={' '.join(bare[-n:])}" for n in (1, 2) if len(bare) >= n)
    if left and right:
        yield f"between={left[-1]} {right[0]}"


def _of_title_words(sentence: Sentence, i: int) -> Iterator[str]:
    return (f"title {name}" for name in _of_neighbours(sentence.items, i, i))


def _of_cues(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    """Words near a mention, and what kind of cue comes next on either side."""
    yield from (f"near left={word}" for word in left[-8:] if word.isalpha())
    yield from (f"near right={word}" for word in right[:8] if word.isalpha())
    yield from (f"far left={word}" for word in left[:-8] if word in _CUE)
    yield from (f"far right={word}" for word in right[8:] if word in _CUE)
    before = list(dict.fromkeys(_CUE[word] for word in reversed(left) if word in _CUE))
    after = [_CUE[word] for word in right if word in _CUE]
    if before:
        yield from (f"cue left={before[0]}", f"cues left={'-'.join(before)}")
    if after:
        yield f"cue right={after[0]}"


def _of_sentence(layout: Layout, number: int) -> Iterator[str]:
    """What kind of sentence it is, by its words, its place and its neighbours."""
    sentences = layout.sentences
    items = sentences[number].items
    ours = sentences[number].is_ours
    zone = "before" if number < layout.contribution else "at" if number == layout.contribution else "after"
    yield from (f"zone={zone}", f"ours={ours}")
    yield f"ours={ours}, at={_bucket(number / max(1, len(sentences) - 1), (0.2, 0.4, 0.6, 0.8))}"
    yield from (f"sentence has={word}" for word in sorted(sentences[number].words & _TELLING))
    yield from (f"sentence starts={items[0].text}", f"sentence starts={' '.join(item.text for item in items[:2])}")
    if number + 1 < len(sentences):
        yield f"next starts={sentences[number + 1].items[0].text}"
    if number and not sentences[number - 1].is_title:
        yield f"previous starts={sentences[number - 1].items[0].text}"


def _of_context(layout: Layout, place: Place) -> Iterator[str]:
    """What stands around a mention in the abstract."""
    items = layout.sentences[place.sentence].items
    first, last = _list_of(items, place.item)
    yield from _of_neighbours(items, place.item, place.item)
    if (first, last) != (place.item, place.item):
        yield from (f"list {name}" for name in _of_neighbours(items, first, last))
    left, right = items[max(0, first - _FAR) : first], items[last + 1 : last + 1 + _FAR]
    yield from _of_cues([item.text for item in left], [item.text for item in right])
    if first == 0 or (first == 1 and items[0].text in _DETERMINERS):
        yield "subject"
    if place.item and items[place.item - 1].text == "(":
        yield "in brackets"
    yield from _of_sentence(layout, place.sentence)
