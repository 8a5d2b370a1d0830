"""Names of many papers to shared entities: what becomes one, what stays two, and why."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.resolution.aliases import alias_table
from kg.resolution.matches import RULES
from kg.resolve import resolve
from schemas.errors import InputError
from schemas.records import Abbreviation, DocumentEntity, Extraction, Mention, Result
from schemas.vocabulary import ENTITY_TYPES


def entity(names, type_="Method", *, role="uses", confidence=0.9, role_confidence=1.0, evidence=None, start=0):
    names = [names] if isinstance(names, str) else names
    return DocumentEntity(
        name=names[0],
        type=type_,
        role=role,
        mentions=tuple(
            Mention(start + i, start + i + len(name), name, type_, confidence) for i, name in enumerate(names)
        ),
        confidence=confidence,
        role_confidence=role_confidence,
        evidence=evidence,
    )


def paper(id_, *entities, results=(), abbreviations=()):
    return Extraction(
        paper_id=id_, text_hash="", pipeline="", entities=entities, results=results, abbreviations=abbreviations
    )


def papers(*names, type_="Method"):
    """One paper for each name or list of names."""
    return [paper(f"p{i:03}", entity(name, type_)) for i, name in enumerate(names)]


def clusters(extractions, **options):
    """Entity id -> surface forms."""
    found = resolve(extractions, **options)
    return {item.id: {alias.name for alias in item.aliases} for item in found.entities}


def ids(extractions, **options):
    """The entity id of each entity, in the order of papers."""
    assigned = resolve(extractions, **options).assigned
    return [id_ for paper_id in sorted(assigned) for id_ in assigned[paper_id]]


def test_variants_are_one_entity_with_its_aliases_counted():
    found = resolve(papers("CIFAR-10", "CIFAR10", "CIFAR-10", "Cifar 10", type_="Dataset"))
    assert [(item.id, item.name, item.type, item.papers) for item in found.entities] == [
        ("cifar-10", "CIFAR-10", "Dataset", 4)
    ]
    assert found.entities[0].aliases == (("CIFAR-10", 2), ("CIFAR10", 1), ("Cifar 10", 1))
    assert [link.entity_id for link in found.links] == ["cifar-10"] * 4


def test_a_short_form_means_what_its_own_paper_says():
    extractions = papers(
        ["continual learning", "CL"],
        ["contrastive learning", "CL"],
        ["curriculum learning", "CL"],
        "CL",
        "contrastive learning",
    )
    assert ids(extractions) == [
        *("continual-learning", "contrastive-learning", "curriculum-learning", "cl", "contrastive-learning")
    ]


def test_a_short_form_that_the_paper_defines_elsewhere_means_that_too():
    defined = Abbreviation("GSX", "graph sampling extension", 30, 33, 4, 28)
    extractions = [
        paper("a", entity("GSX"), abbreviations=(defined,)),
        *papers(["graph shape exchange", "GSX"], "graph sampling extension"),
    ]
    assert ids(extractions)[0] == ids(extractions)[2] == "graph-sampling-extension"


def test_a_bare_short_form_joins_the_long_form_that_the_papers_agree_on():
    explained = [["zonal tree adaptation", "ZTA"]] * 4
    assert len(set(ids(papers(*explained, "ZTA", "ZTA")))) == 1
    assert len(set(ids(papers(*explained, ["zero trust access", "ZTA"], "ZTA")))) == 2  # four of five agree
    assert len(set(ids(papers(*explained[:2], ["zero trust access", "ZTA"], "ZTA")))) == 3  # two of three do not


def test_where_papers_disagree_a_short_form_means_what_it_does_in_papers_like_this_one():
    def about(id_, *named, type_="Method"):
        return paper(id_, *(entity(name, type_) for name in named))

    driving = ["lane keeping", "brake control", "road mapping"]
    cooking = ["dough mixing", "oven timing", "salt dosing"]
    explained = [
        about(f"{topic[0][0]}{i}", [long, "ZTX"], *topic)
        for topic, long in ((driving, "zone traffic exchange"), (cooking, "zest toast extraction"))
        for i in range(40)
    ]
    unclear = about("x", "ZTX", *driving), about("y", "ZTX", *cooking), about("z", "ZTX", "lane keeping", "salt dosing")
    found = resolve([*explained, *unclear])
    assert [found.assigned[id_][0] for id_ in "xyz"] == ["zone-traffic-exchange", "zest-toast-extraction", "ztx"]
    (match,) = (match for match in found.explain("zone-traffic-exchange") if match.rule == "context")
    assert (match.left, match.papers, match.score > 0.99) == ("ztx", 40, True)
    without = resolve([*explained, *unclear], without={"context"})
    assert [without.assigned[id_][0] for id_ in "xyz"] == ["ztx"] * 3
    alone = resolve([*explained, about("x", "ZTX")])
    assert alone.assigned["x"] == ("ztx",)


def test_one_coinage_does_not_explain_what_many_others_mean():
    coined = papers(["spatial aptitude test", "SPAT"], *["SPAT"] * 40)
    assert len(set(ids(coined))) == 2
    assert len(set(ids(coined[:11]))) == 1


def test_the_case_of_a_name_tells_it_from_an_abbreviation():
    assert len(set(ids(papers(["adapt and merge", "ADAMO"], "Adamo", "Adamo")))) == 2


def test_sizes_versions_and_editions_do_not_chain():
    names = [
        "BERT",
        "BERT-base",
        "BERT-large",
        "RoBERTa",
        "RoBERTa-base",
        "GPT-3",
        "GPT-3.5",
        "GPT-4",
        "DefSent",
        "DefSent+",
    ]
    extractions = papers(*names, *names, type_="Model")
    assert len(clusters(extractions)) == len(names)
    mixed = papers(
        ["BERT", "BERT-base"], ["BERT-base"], ["BERT", "RoBERTa"], "BERT", "RoBERTa", "BERT-large", type_="Model"
    )
    assert ids(mixed)[-3:] == ["bert", "roberta", "bert-large"]


@pytest.mark.parametrize(
    ("one", "other", "type_"),
    [
        ("computation cost", "computational costs", "Metric"),
        ("deep networks", "deep neural networks", "Model"),
        ("optimisation-based planning", "optimization-based planning", "Method"),
        ("attention mechanism", "attention", "Method"),
        ("BabyNet benchmark", "BabyNet", "Dataset"),
        ("theorem proving", "proving theorems", "Task"),
        ("MS COCO", "Microsoft COCO", "Dataset"),
        ("k-means", "k-means clustering", "Method"),
        ("ViT-B/16", "ViT-Base/16", "Model"),
        ("transformer-based parser", "transformer parser", "Model"),
    ],
)
def test_forms_of_one_term(one, other, type_):
    assert len(clusters(papers(one, other, type_=type_))) == 1


@pytest.mark.parametrize(
    ("one", "other", "type_"),
    [
        ("neural network", "deep neural network", "Model"),
        ("machine translation", "neural machine translation", "Task"),
        ("image-to-text generation", "text-to-image generation", "Task"),
        ("English to German translation", "German to English translation", "Task"),
        ("C++", "C#", "Method"),
        ("T5", "5T", "Model"),
        ("BERT", "RoBERTa", "Model"),
        ("diffusion model", "language model", "Model"),
        ("adversarial training", "adversarial attack", "Method"),
    ],
)
def test_terms_that_are_two(one, other, type_):
    assert len(clusters(papers(one, other, one, other, type_=type_))) == 2


def test_word_forms_need_one_type():
    extractions = [*papers("text classification", type_="Task"), paper("q", entity("text classifier", "Model"))]
    assert len(clusters(extractions)) == 2


def test_short_forms_inside_other_names_are_spelled_out():
    extractions = papers(
        ["reinforced tree search", "RTS"], ["reinforced tree search", "RTS"], "deep RTS", "deep reinforced tree search"
    )
    assert len(clusters(extractions)) == 2


def test_two_things_that_papers_name_side_by_side_stay_two():
    extractions = [paper(f"p{i}", entity("feature distiller"), entity("feature distillation")) for i in range(3)]
    assert len(clusters(extractions)) == 2


def test_the_type_is_that_of_most_evidence():
    extractions = [paper(f"p{i}", entity("graph reasoning", "Task", confidence=0.9)) for i in range(3)]
    extractions.append(paper("q", entity("graph reasoning", "Method", confidence=0.99)))
    found = resolve(extractions)
    assert [(item.type, item.papers) for item in found.entities] == [("Task", 4)]


def test_a_kind_with_thin_evidence_is_a_mistake_and_one_with_strong_evidence_a_homonym():
    datasets = [paper(f"d{i}", entity("FIBRE", "Dataset")) for i in range(8)]
    few = [paper("m0", entity("FIBRE", "Model", confidence=0.5))]
    many = [paper(f"m{i}", entity("FIBRE", "Model")) for i in range(4)]
    assert set(clusters(datasets + few)) == {"fibre"}
    assert set(clusters(datasets + many)) == {"fibre-dataset", "fibre-model"}


def test_families():
    names = ["BERT", "BERT-base", "ImageNet", "ImageNet-1k", "GPT", "GPT-3.5", "GPT-3.5-turbo", "T5", "Llama-2 7B"]
    types = ["Model", "Model", "Dataset", "Dataset", *["Model"] * 5]
    found = resolve(
        [paper(f"p{i}", entity(name, type_)) for i, (name, type_) in enumerate(zip(names, types, strict=True))]
    )
    families = {item.id: item.variant_of for item in found.entities if item.variant_of}
    assert families == {
        **{"bert-base": "bert", "imagenet-1k": "imagenet"},
        **{"gpt-3.5": "gpt", "gpt-3.5-turbo": "gpt-3.5"},
    }


def test_several_entities_of_one_paper_become_one_link():
    strong = entity(
        "GLUE", "Dataset", role="introduces", confidence=0.7, role_confidence=0.8, evidence=(5, 9), start=20
    )
    weak = entity("GLUE benchmark", "Dataset", role="mentions", confidence=0.9, evidence=(0, 4))
    (link,) = resolve([paper("a", weak, strong), paper("b", entity("GLUE", "Dataset"))]).links[:1]
    assert (link.role, link.role_confidence, link.confidence, link.evidence) == ("introduces", 0.8, 0.9, (5, 9))
    assert [mention.text for mention in link.mentions] == ["GLUE benchmark", "GLUE"]


def test_results_name_the_entities_that_the_paper_means():
    results = (
        Result(
            subject="BERT",
            metric="F1 score",
            value="90",
            dataset="MATH",
            task="math",
            baseline="nothing",
            start=0,
            end=9,
        ),
        Result(subject=None, metric="accuracies", value="9", start=0, end=9),
    )
    extraction = paper(
        "a",
        entity(["BERT", "Bert"], "Model"),
        entity(["F1"], "Metric"),
        entity("accuracy", "Metric"),
        entity("MATH", "Dataset"),
        entity("math", "Task"),
        results=results,
    )
    first, second = resolve([extraction]).results
    assert (first.id, first.paper_id, first.value) == ("a#result-1", "a", "90")
    assert (first.subject_id, first.dataset_id, first.task_id) == ("bert", "math-dataset", "math-task")
    assert (first.metric_id, first.baseline_id) == (None, None)  # "F1 score" is no name that the paper has
    assert (second.subject_id, second.metric_id) == (None, "accuracy")


def test_every_decision_can_be_read():
    found = resolve(papers(["graph widening", "GW"], ["graph widening", "GW"], "GW", "graph widening method"))
    matches = found.explain("graph-widening")
    assert {match.rule for match in matches} == {"same paper", "long form", "head"}
    assert {match.rule for match in found.matches} <= RULES.keys()
    assert (
        str(matches[0])
        == "gw = graph widening: nearly all papers that spell the short form out, or use both, mean this (2 papers)"
    )
    assert found.explain("nothing") == ()


def test_a_paper_twice_is_refused():
    with pytest.raises(InputError, match="two extractions of paper 'a'"):
        resolve([paper("a"), paper("a")])


def test_nothing_gives_nothing():
    found = resolve([])
    assert (found.entities, found.links, found.results, found.matches) == ((), (), (), ())


def test_names_of_no_letters_and_of_any_script():
    found = resolve(papers("—", "数据集", "…", "\\alpha", "Größe", "  x ", "@"))
    assert len(found.entities) == 7


def test_the_alias_table_is_small_and_consistent():
    table = alias_table()
    assert len(table) <= 150
    assert {row.type for row in table} <= ENTITY_TYPES.keys()
    names = [(row.type in ("Dataset", "Metric"), name) for row in table for name in (row.name, *row.others)]
    assert len(names) == len(set(names))


def test_without_the_alias_table():
    assert len(clusters(papers("MS COCO", "Microsoft COCO", type_="Dataset"), aliases=())) == 2


WORDS = ["CL", "continual learning", "contrastive learning", "BERT", "BERT-base", "Bert model", "ADAM", "Adam", "GLUE"]
surfaces = st.lists(st.sampled_from([*WORDS, "accuracy", "translation", "machine translation"]), min_size=1, max_size=3)
documents = st.lists(st.tuples(surfaces, st.sampled_from(list(ENTITY_TYPES)), st.floats(0.1, 1)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(documents, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_papers_changes_nothing(drawn, random):
    extractions = [
        paper(f"p{i}", *(entity(names, type_, confidence=confidence) for names, type_, confidence in document))
        for i, document in enumerate(drawn)
    ]
    found = resolve(extractions)
    random.shuffle(extractions)
    assert resolve(extractions) == found
    assert len({item.id for item in found.entities}) == len(found.entities)
    assert sum(item.papers for item in found.entities) == len(found.links)
    assert {link.entity_id for link in found.links} == {item.id for item in found.entities}


def test_the_hash_seed_changes_nothing():
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from schemas.records import *; from kg.resolve import resolve\n"
        "names = ['CL', 'continual learning', 'contrastive learning', 'BERT', 'BERT base', 'GLUE', 'MAE', 'deep CL']\n"
        "papers = [Extraction(paper_id=str(i), text_hash='', pipeline='', entities=tuple(\n"
        "    DocumentEntity(name=n, type=t, role='uses', mentions=(Mention(0, 1, n, t), Mention(2, 3, names[i % 5], t)))\n"
        "    for n, t in zip(names[i % 3:], ['Method', 'Dataset', 'Model'] * 3))) for i in range(20)]\n"
        "print(resolve(papers))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
