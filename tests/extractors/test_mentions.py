import pytest
import spacy
from spacy.tokens import DocBin

from extractors.abbreviations import find_abbreviations
from extractors.document import get_entities, get_mentions, register_extensions, set_abbreviations, set_mentions
from extractors.mentions import complete_mentions, group_mentions
from extractors.tokenizer import configure_tokenizer
from schemas.records import Mention


@pytest.fixture(scope="module")
def nlp():
    return configure_tokenizer(spacy.blank("en"))


def mention(text, surface, type_="Model", confidence=0.9, *, nth=0):
    start = -1
    for _ in range(nth + 1):
        start = text.index(surface, start + 1)
    return Mention(start, start + len(surface), surface, type_, confidence)


def completed(nlp, text, *mentions):
    found = complete_mentions(nlp(text), mentions, abbreviations=find_abbreviations(text))
    assert all(text[m.start : m.end] == m.text for m in found)
    return [m.text for m in found]


@pytest.mark.parametrize(
    ("text", "surface", "found"),
    [
        ("BERT wins, and BERT-based BERT's do.", "BERT", ["BERT", "BERT", "BERT"]),
        ("BERT, not BERT-base nor SciBERT.", "BERT", ["BERT"]),
        ("CLIP can clip a Clip.", "CLIP", ["CLIP"]),
        ("An LLM among LLMs.", "LLMs", ["LLM", "LLMs"]),
        (
            "Graph networks beat graph networks and graph-network.",
            "graph networks",
            ["Graph networks", "graph networks"],
        ),
        ("Entity linking, entity-linking.", "entity-linking", ["Entity linking", "entity-linking"]),
        ("A large language model (LLM). The LLM.", "large language model", ["large language model", "LLM", "LLM"]),
        ("A large language model (LLM). The LLM.", "LLM", ["large language model", "LLM", "LLM"]),
        ("Grid search in search", "Grid search", ["Grid search"]),
    ],
)
def test_every_occurrence_is_a_mention(nlp, text, surface, found):
    got = completed(nlp, text, mention(text, surface))
    assert got[: len(found)] == found


def test_given_mentions_stay_and_added_ones_do_not_overlap_them(nlp):
    text = "language model and large language model"
    found = completed(nlp, text, mention(text, "language model"), mention(text, "large language model"))
    assert found == ["language model", "large language model"]


def test_the_longest_addition_wins(nlp):
    text = "deep sets, sets; deep sets"
    found = completed(nlp, text, mention(text, "deep sets"), mention(text, "sets", nth=1))
    assert found == ["deep sets", "sets", "deep sets"]


def test_added_mentions_are_less_certain(nlp):
    text = "BERT and BERT"
    _, added = complete_mentions(nlp(text), [mention(text, "BERT", confidence=0.8)])
    assert added.confidence == pytest.approx(0.64)


def test_one_name_has_one_type(nlp):
    text = "LoRA, LoRA, LoRA"
    votes = [
        mention(text, "LoRA", "Model", 0.9),
        mention(text, "LoRA", "Method", 0.5, nth=1),
        mention(text, "LoRA", "Method", 0.6, nth=2),
    ]
    assert {m.type for m in complete_mentions(nlp(text), votes)} == {"Method"}
    assert {m.type for m in complete_mentions(nlp(text), votes[:2])} == {"Model"}


def test_title_and_abstract_are_searched_but_not_across(nlp):
    text = "Deep\nsets and deep sets"
    assert completed(nlp, text, mention(text, "deep sets")) == ["deep sets"]


def entities(text, *mentions):
    return group_mentions(text, mentions, abbreviations=find_abbreviations(text))


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("CIFAR-10 is CIFAR10", ["CIFAR-10", "CIFAR10"]),
        ("LLM or LLMs", ["LLM", "LLMs"]),
        ("graph network, Graph Networks, graph-networks", ["graph network", "Graph Networks", "graph-networks"]),
        ("mixed depth model (MDM), or MDMs", ["mixed depth model", "MDM", "MDMs"]),
        ("named entity recognition; cross-lingual NER; cross-lingual named entity recognition", ["cross-lingual NER", "cross-lingual named entity recognition"]),
        ("Monte Carlo (MC) dropout is Monte Carlo dropout", ["Monte Carlo (MC) dropout", "Monte Carlo dropout"]),
        ("Odd Tree Growing works. OTG", ["Odd Tree Growing", "OTG"]),
    ],
)  # fmt: skip
def test_forms_of_one_name_are_one_entity(text, surfaces):
    (entity,) = entities(text, *(mention(text, surface) for surface in surfaces))
    assert len(entity.mentions) == len(surfaces)
    assert entity.role == "mentions"


@pytest.mark.parametrize("pair", [("GPT-3", "GPT-4"), ("BERT-base", "BERT-large"), ("T5", "T5-large")])
def test_versions_are_different_entities(pair):
    text = " and ".join(pair)
    last = text.rindex(pair[1])
    assert len(entities(text, mention(text, pair[0]), Mention(last, len(text), pair[1], "Model"))) == 2


def test_confidence_is_the_mean_of_the_mentions():
    text = "BERT and BERT"
    (entity,) = entities(text, mention(text, "BERT", confidence=0.4), mention(text, "BERT", confidence=0.7, nth=1))
    assert entity.confidence == 0.55


@pytest.mark.parametrize(
    ("text", "surfaces", "type_", "name"),
    [
        # terms: singular, lower case, long form
        ("On Graph Networks\nOur graph networks win.", ["Graph Networks", "graph networks"], "Model", "graph network"),
        ("Entity Alignment\nWe align.", ["Entity Alignment"], "Task", "entity alignment"),
        ("T\nMixed depth models (MDMs) work.", ["Mixed depth models", "MDMs"], "Model", "mixed depth model"),
        ("T\nLLMs work.", ["LLMs"], "Model", "large language model"),
        ("T\nIt uses NLP.", ["NLP"], "Task", "natural language processing"),
        ("T\nThe mixture of experts works.", ["mixture of experts"], "Method", "mixture of experts"),
        ("T\nIn hidden Markov Models.", ["hidden Markov Models"], "Model", "hidden Markov model"),
        ("Bayesian Odd Trees\nWe grow.", ["Bayesian Odd Trees"], "Method", "Bayesian odd tree"),
        # proper names
        ("ZorgNet: A Zany Orbital Reading Graph Network\nT", ["ZorgNet"], "Model", "ZorgNet"),
        (
            "T\nWe train ZORG (zany orbital reading graph) here.",
            ["ZORG", "zany orbital reading graph"],
            "Model",
            "ZORG",
        ),
        ("T\nWe propose Odd Tree Growing (OTG).", ["Odd Tree Growing", "OTG"], "Method", "Odd Tree Growing"),
        ("T\nWe use Zorg 7B.", ["Zorg 7B"], "Model", "Zorg 7B"),
        ("T\nTrained on Cifar10.", ["Cifar10"], "Dataset", "CIFAR-10"),
        ("T\nTrained on nuScenes.", ["nuScenes"], "Dataset", "nuScenes"),
        # metrics keep an abbreviation that stands alone
        ("T\nIn mIoU.", ["mIoU"], "Metric", "mIoU"),
        ("T\nIn FLOPs.", ["FLOPs"], "Metric", "FLOPs"),
    ],
)
def test_names(text, surfaces, type_, name):
    (entity,) = entities(text, *(mention(text, surface, type_) for surface in surfaces))
    assert entity.name == name


def test_component(nlp):
    register_extensions()
    pipeline = configure_tokenizer(spacy.blank("en"))
    grouper = pipeline.add_pipe("kg_mentions")
    text = "Odd trees\nOdd trees (OTs) grow. OTs win."
    doc = pipeline.make_doc(text)
    set_abbreviations(doc, find_abbreviations(text))
    set_mentions(doc, [mention(text, "Odd trees", "Method", 0.9)])
    grouper(doc)
    assert [m.text for m in get_mentions(doc)] == ["Odd trees", "Odd trees", "OTs", "OTs"]
    (again,) = DocBin(docs=[doc], store_user_data=True).get_docs(doc.vocab)
    assert get_entities(again) == get_entities(doc) == doc._.methods
    assert doc._.methods[0].name == "odd tree"


def test_component_on_nothing(nlp):
    pipeline = configure_tokenizer(spacy.blank("en"))
    pipeline.add_pipe("kg_mentions")
    assert get_entities(pipeline("")) == get_entities(pipeline("No names.")) == ()
