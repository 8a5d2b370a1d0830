"""The pipeline as a whole: the same for every batch, order and process count, and never stopped by one text."""

import multiprocessing
import os
import signal
import subprocess
import sys
from importlib import import_module
from itertools import islice

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import DocBin

import extractors
from extractors.document import get_abbreviations, get_entities, get_mentions, get_results
from extractors.pipeline import COMPONENTS, MAX_CHARACTERS, _digest
from schemas.errors import InputError
from schemas.records import Paper

SENTENCES = (
    "We train a convolutional neural network on CIFAR-10.",
    "BERT reaches 91.2% accuracy on GLUE.",
    "Our method, named FlipNet, is compared with ResNet-50 in image classification.",
    "Knowledge distillation (KD) helps machine translation.",
    r"We gain 3\% in \textbf{BLEU} with the \emph{Transformer} and $F_1$ on SQu&amp;AD.",
    "Nothing is named here.",
)


@pytest.fixture(scope="module")
def nlp():
    return extractors.load()


def make_papers(*abstracts):
    return [Paper(id=f"p{number}", title=f"Paper {number}", abstract=text) for number, text in enumerate(abstracts)]


PAPERS = make_papers(*SENTENCES, " ".join(SENTENCES), "")


@pytest.fixture(scope="module")
def expected(nlp):
    return list(extractors.extract(PAPERS, nlp=nlp))


def test_components_run_in_order(nlp):
    assert nlp.pipe_names == list(COMPONENTS)


def test_unknown_pipeline_names_the_valid_ones():
    with pytest.raises(InputError, match="valid: en"):
        extractors.load("xx")


def test_one_extraction_a_paper_in_order(expected):
    assert [extraction.paper_id for extraction in expected] == [paper.id for paper in PAPERS]
    assert {extraction.pipeline for extraction in expected} == {extractors.pipeline_version()}


def test_mentions_stand_in_the_text_as_stored(expected):
    for paper, extraction in zip(PAPERS, expected, strict=True):
        for entity in extraction.entities:
            assert all(mention.text == paper.text[mention.start : mention.end] for mention in entity.mentions)
            if entity.evidence is not None:
                assert 0 <= entity.evidence[0] < entity.evidence[1] <= len(paper.text)
        for result in extraction.results:
            assert 0 <= result.start < result.end <= len(paper.text)
        for pair in extraction.abbreviations:
            assert paper.text[pair.start : pair.end] == pair.short


def test_names_are_read_through_markup(nlp):
    (extraction,) = extractors.extract(make_papers(r"We fine-tune \textbf{BERT} on \emph{GLUE}."), nlp=nlp)
    assert {"BERT", "GLUE"} <= {entity.name for entity in extraction.entities}


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(len(PAPERS))), batch_size=st.integers(1, 9))
def test_neither_order_nor_batches_matter(nlp, expected, order, batch_size):
    found = extractors.extract([PAPERS[i] for i in order], nlp=nlp, batch_size=batch_size)
    assert list(found) == [expected[i] for i in order]


@settings(max_examples=50, deadline=None)
@given(title=st.text(min_size=1, max_size=40), abstract=st.text(max_size=200))
def test_any_text_is_read(nlp, title, abstract):
    rejections = []
    paper = Paper(id="a", title=title, abstract=abstract)
    (extraction,) = extractors.extract([paper], nlp=nlp, on_reject=rejections.append)
    assert rejections == []
    for entity in extraction.entities:
        assert all(mention.text == paper.text[mention.start : mention.end] for mention in entity.mentions)


def test_a_megabyte_is_read_up_to_the_limit(nlp):
    papers = make_papers("BERT is good. " * 80_000)
    (extraction,) = extractors.extract(papers, nlp=nlp)
    ends = [mention.end for entity in extraction.entities for mention in entity.mentions]
    assert ends
    assert MAX_CHARACTERS - 100 < max(ends) <= MAX_CHARACTERS


def test_papers_are_taken_as_needed(nlp):
    def endless():
        number = 0
        while True:
            yield Paper(id=str(number), title="On GLUE")
            number += 1

    assert len(list(islice(extractors.extract(endless(), nlp=nlp, batch_size=2), 5))) == 5


def test_of_words_met_the_first_are_kept_and_later_ones_forgotten(nlp, monkeypatch):
    def read(word):
        list(extractors.extract(make_papers(*(f"{word}{number} nonce{number}" for number in range(50))), nlp=nlp))
        return {lexeme.orth_ for lexeme in nlp.vocab}  # its length counts forgotten ones too

    monkeypatch.setattr("extractors.pipeline._KEPT_WORDS", len(nlp.vocab) + 20)
    enough = read("word")
    assert "word49" in enough
    strings = len(nlp.vocab.strings)
    assert (read("other"), len(nlp.vocab.strings)) == (enough, strings)


@Language.component("fails_on_poison")
def fails_on_poison(doc):
    if "poison" in doc.text:
        raise ValueError("cannot\nread this")
    return doc


def test_a_failing_component_loses_one_paper_only(caplog):
    nlp = extractors.load()
    nlp.add_pipe("fails_on_poison", last=True)
    papers = [Paper(id="bad", title="poison", source="in.txt:7"), Paper(id="good", title="BERT on GLUE")]
    rejections = []
    bad, good = extractors.extract(papers, nlp=nlp, on_reject=rejections.append)
    assert (bad.entities, [entity.name for entity in good.entities]) == ((), ["BERT", "GLUE"])
    (rejection,) = rejections
    assert rejection.source == "in.txt:7"
    assert rejection.reason == "paper 'bad' could not be read: ValueError: cannot read this"
    list(extractors.extract(papers, nlp=nlp))
    assert "in.txt:7" in caplog.text


@pytest.mark.parametrize("numbers", [{"n_process": 0}, {"batch_size": 0}])
def test_senseless_numbers(numbers):
    with pytest.raises(InputError, match="at least 1"):
        list(extractors.extract(PAPERS, **numbers))


# Several processes


def test_a_changed_pipeline_goes_to_the_processes():
    nlp = extractors.load()
    nlp.add_pipe("entity_ruler", first=True).add_patterns([{"label": "PERSON", "pattern": "Jane"}])
    alone = list(extractors.extract(PAPERS, nlp=nlp))
    assert list(extractors.extract(PAPERS, nlp=nlp, n_process=2, batch_size=3)) == alone


def test_two_processes_find_the_same_even_if_one_is_killed(expected):
    found = extractors.extract(PAPERS, n_process=2, batch_size=1)
    first = next(found)
    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    assert [first, *found] == expected


class Deadly(Paper):
    """A paper that kills the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (9,)


def test_a_text_that_kills_every_worker_is_set_aside_alone(expected):
    papers = [*PAPERS[:3], Deadly(id="deadly", title="On X"), *PAPERS[3:]]
    rejections = []
    found = list(extractors.extract(papers, n_process=2, batch_size=2, on_reject=rejections.append))
    assert [*found[:3], *found[4:]] == expected
    assert (found[3].paper_id, found[3].entities) == ("deadly", ())
    (rejection,) = rejections
    assert "paper 'deadly' was set aside: worker processes died over it twice" in rejection.reason


def test_workers_that_die_over_everything_are_no_endless_loop():
    papers = [Deadly(id=str(number), title="On X") for number in range(20)]
    with pytest.raises(InputError, match="die as they read, whatever the paper"):
        list(extractors.extract(papers, n_process=2, batch_size=10))


def test_a_script_without_a_guard_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import extractors, kg\n"
        "print(len(list(extractors.extract([kg.Paper(id='a', title='On X')], name='en-fast', n_process=2))))\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 1
    assert "worker processes die as they start" in run.stderr.splitlines()[-1]


# At home in spaCy


def annotations(doc):
    return get_mentions(doc), get_entities(doc), get_abbreviations(doc), get_results(doc)


def test_pipe_finds_the_same_in_batches_and_processes(nlp):
    alone = [annotations(nlp(text)) for text in SENTENCES]
    assert [annotations(doc) for doc in nlp.pipe(SENTENCES, batch_size=2)] == alone
    assert [annotations(doc) for doc in nlp.pipe(SENTENCES, n_process=2, batch_size=2)] == alone


def test_docbin_keeps_everything(nlp):
    docs = [nlp(text) for text in SENTENCES]
    kept = DocBin(docs=docs, store_user_data=True).to_bytes()
    copies = DocBin().from_bytes(kept).get_docs(nlp.vocab)
    assert [annotations(doc) for doc in copies] == [annotations(doc) for doc in docs]


def test_extensions_give_records_by_type(nlp):
    doc = nlp("We evaluate BERT on SQuAD for question answering.")
    assert [entity.name for entity in doc._.datasets] == ["SQuAD"]
    assert [entity.name for entity in doc._.models] == ["BERT"]
    assert [entity.name for entity in doc._.tasks] == ["question answering"]
    assert (doc._.methods, doc._.metrics, doc._.results) == ((), (), ())


def test_requirements_of_components_are_met(nlp):
    assert nlp.analyze_pipes()["problems"] == {name: [] for name in nlp.pipe_names}


def test_a_saved_pipeline_works_in_a_fresh_process(nlp, tmp_path):
    nlp.to_disk(tmp_path / "saved")
    modules = ", ".join(COMPONENTS.values())
    code = (
        f"import sys, spacy, extractors, {modules}\n"
        "from extractors.document import *\n"
        "doc = spacy.load(sys.argv[1])(sys.argv[2])\n"
        "print(get_mentions(doc), get_entities(doc), get_abbreviations(doc), get_results(doc))"
    )
    text = " ".join(SENTENCES)
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "saved", text], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == " ".join(str(part) for part in annotations(nlp(text)))


def test_bytes_round_trip(nlp):
    copy = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert annotations(copy(SENTENCES[2])) == annotations(nlp(SENTENCES[2]))


# The version


def test_version_without_spacy():
    code = "import sys, extractors; print(extractors.pipeline_version()); assert 'spacy' not in sys.modules"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == extractors.pipeline_version()


def test_digest_follows_names_and_contents(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    assert _digest({"a": one}) == _digest({"a": two}) != _digest({"b": one})
    two.write_text("y")
    assert _digest({"a": one}) != _digest({"a": two})


def test_every_component_is_in_its_module():
    for factory, module in COMPONENTS.items():
        import_module(module)
        assert Language.has_factory(factory)


def test_values_are_given_as_written():
    paper = Paper(
        id="a", title="On X", abstract=r"On ImageNet, our ResNet-50 reaches an accuracy of $76.5\%$ and gains 2.3\%."
    )
    (extraction,) = extractors.extract([paper])
    assert {result.value for result in extraction.results} <= {r"76.5\%", r"$76.5\%$", r"2.3\%"}
    assert extraction.results[0].number == 76.5
    assert extraction.results[0].unit == "%"
