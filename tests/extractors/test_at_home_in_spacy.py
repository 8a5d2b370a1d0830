"""Beside components of others, as JSON, in displaCy; as an installed package; as data for ``spacy train``."""

import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

import extractors
from extractors.document import get_abbreviations, get_entities, get_mentions, get_results
from extractors.training.docbin import to_docbin
from schemas.vocabulary import ENTITY_TYPES

ROOT = Path(__file__).parents[2]
TEXT = "Testing Owls\nWe evaluate BERT on SQuAD for question answering with FrobNet. Natural language inference (NLI) is hard."


@pytest.fixture(scope="module")
def nlp():
    return extractors.load("en-fast")


def annotations(doc):
    return get_mentions(doc), get_entities(doc), get_abbreviations(doc), get_results(doc)


def names(doc):
    return {entity.name: entity.type for entity in get_entities(doc)}


# Beside components of others


def ruler(pipeline, patterns, **place):
    pipeline.add_pipe("entity_ruler", **place).add_patterns(
        [{"label": label, "pattern": pattern} for pattern, label in patterns]
    )
    return pipeline


def test_entities_of_our_types_from_before_are_the_users_word():
    nlp = ruler(extractors.load("en-fast"), [("BERT", "Method"), ("FrobNet", "Model"), ("Owls", "Task")], first=True)
    doc = nlp(TEXT)
    found = names(doc)
    assert (found["BERT"], found["FrobNet"], found["SQuAD"]) == ("Method", "Model", "Dataset")
    assert {mention.text: mention.confidence for mention in get_mentions(doc)}["FrobNet"] >= 1.0
    assert {(span.text, span.label_) for span in doc.ents} >= {("BERT", "Method"), ("Owls", "Task")}


@pytest.mark.parametrize("before", ["kg_lexicon", "kg_abbreviations", "kg_mentions"])
def test_a_ruler_further_down_overrules_what_was_found(before):
    nlp = extractors.load("en-fast")
    ruler(nlp, [("BERT", "Method"), ("FrobNet", "Model")], before=before)
    nlp.get_pipe("entity_ruler").overwrite = True
    found = names(nlp(TEXT))
    assert (found["BERT"], found["FrobNet"]) == ("Method", "Model")


@Language.component("takes_bert_away")
def takes_bert_away(doc):
    doc.set_ents([span for span in doc.ents if span.text != "BERT"])
    return doc


def test_what_a_component_takes_away_is_no_mention():
    nlp = extractors.load("en-fast")
    nlp.add_pipe("takes_bert_away", before="kg_mentions")
    assert "BERT" not in names(nlp(TEXT))
    assert "SQuAD" in names(nlp(TEXT))


def test_entities_of_other_types_stay_where_ours_do_not_stand():
    nlp = ruler(extractors.load("en-fast"), [("Owls", "ANIMAL"), ("BERT", "PERSON")], first=True)
    doc = nlp(TEXT)
    assert ("Owls", "ANIMAL") in {(span.text, span.label_) for span in doc.ents}
    assert ("BERT", "Model") in {(span.text, span.label_) for span in doc.ents}
    assert set(names(doc).values()) <= set(ENTITY_TYPES)


def test_a_ruler_at_the_end_changes_only_the_spans(nlp):
    plain = nlp(TEXT)
    with_ruler = ruler(extractors.load("en-fast"), [("evaluate", "Task"), ("hard", "MOOD")], last=True)
    doc = with_ruler(TEXT)
    assert get_entities(doc) == get_entities(plain)
    assert {"evaluate", "hard"} <= {span.text for span in doc.ents}


def test_without_our_recogniser_another_takes_its_place():
    nlp = extractors.load("en-fast", exclude=["kg_entities", "kg_lexicon"])
    ruler(nlp, [("FrobNet", "Model")], before="kg_mentions")
    assert names(nlp(TEXT)) == {"FrobNet": "Model"}
    assert get_entities(nlp(TEXT))[0].role in ("uses", "introduces", "compares", "mentions")


def test_in_a_pipeline_with_other_components_and_disabled_ones(nlp):
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    other.add_pipe("kg_entities", config={"fast": True})
    other.add_pipe("kg_mentions")
    assert "SQuAD" in names(other(TEXT))
    with nlp.select_pipes(disable=["kg_results", "kg_roles"]):
        assert {entity.role for entity in get_entities(nlp(TEXT))} == {"mentions"}
    part = extractors.load("en-fast", disable=["kg_results"])
    assert "kg_results" in part.disabled
    assert (
        extractors.load("en-fast", config={"components": {"kg_entities": {"threshold": 0.99}}})(TEXT).ents is not None
    )


def test_requirements_and_assignments_are_declared(nlp):
    analysis = nlp.analyze_pipes()
    assert analysis["problems"] == {name: [] for name in nlp.pipe_names}
    assert analysis["summary"]["kg_mentions"]["assigns"] == [
        "doc.ents",
        *(f"doc._.{t.plural}" for t in ENTITY_TYPES.values()),
    ]
    alone = spacy.blank("en")
    alone.add_pipe("kg_results")
    assert set(alone.analyze_pipes()["problems"]["kg_results"]) == {"doc._.datasets", "doc._.metrics", "doc.sents"}


# As JSON, pickled, in displaCy


def test_json_goes_and_comes_back(nlp):
    doc = nlp(TEXT)
    text = json.dumps(doc.to_json(underscore=["kg"]))
    assert annotations(Doc(spacy.blank("en").vocab).from_json(json.loads(text))) == annotations(doc)


def test_what_is_given_out_is_a_copy(nlp):
    doc = nlp(TEXT)
    before = annotations(doc)
    doc._.kg["entities"].clear()
    assert annotations(doc) == before


def test_pickled_and_in_a_docbin(nlp):
    docs = [nlp(TEXT)]
    assert [annotations(doc) for doc in pickle.loads(pickle.dumps(docs))] == [annotations(doc) for doc in docs]
    copies = DocBin().from_bytes(DocBin(docs=docs, store_user_data=True).to_bytes()).get_docs(nlp.vocab)
    assert [annotations(doc) for doc in copies] == [annotations(doc) for doc in docs]


def test_displacy_has_our_colours(nlp):
    html = displacy.render(nlp(TEXT), style="ent", options=extractors.displacy_options(), jupyter=False)
    assert ENTITY_TYPES["Dataset"].colour_dark in html
    doc = nlp.make_doc("Jane uses it")
    doc.set_ents([Span(doc, 0, 1, label="PERSON")])
    assert "PERSON" not in displacy.render(doc, style="ent", options=extractors.displacy_options(), jupyter=False)


# The figures of the package are those of the card


def test_figures_are_those_of_the_model_card():
    card = (ROOT / "extractors" / "models" / "README.md").read_text("utf-8")
    section = card[card.index("## How good it is") : card.index("the type disregarded")]
    rows = re.findall(r"\| (all types|\w+) \| ([\d.]+) \| ([\d.]+) \| \**([\d.]+)\**", section)
    figures = {name: {"p": float(p), "r": float(r), "f": float(f)} for name, p, r, f in rows}
    meta = json.loads((ROOT / "extractors" / "packaged" / "meta.json").read_text("utf-8"))
    performance = meta["performance"]
    assert (meta["pipeline"], meta["version"]) == (list(extractors.pipeline.COMPONENTS), extractors.pipeline.VERSION)
    assert figures.pop("all types") == {key: performance[f"ents_{key}"] for key in "prf"}
    assert figures == performance["ents_per_type"]
    assert f'| role accuracy (always "uses": 0.66) | 0.843 | {performance["role_accuracy"]} |' in card
    assert f"| metric, value and data set, F1 | 0.651 | {performance['results_f']} |" in card


# Installed


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The contents of the wheel, for the path of a fresh process; its metadata come before any other."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed, *arguments, cwd):
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_spacy_loads_the_installed_pipeline_by_name(installed, tmp_path):
    code = """
import spacy, abstractkg, extractors
assert abstractkg.__file__.startswith(extractors.__file__[: -len("extractors/__init__.py")])
assert "abstractkg" in spacy.util.get_installed_models()
nlp = spacy.load("abstractkg", exclude=["kg_results"])
print(nlp.pipe_names[-1], nlp.meta["name"], nlp.meta["license"], nlp.meta["performance"]["ents_f"], nlp.meta["version"])
doc = nlp("We evaluate BERT on SQuAD.")
print([entity.name for entity in doc._.datasets])
print(extractors.display.colours()["Model"] in spacy.displacy.render(doc, style="ent", jupyter=False))
"""
    lines = run(installed, "-c", code, cwd=tmp_path).splitlines()
    assert lines == ["kg_roles abstractkg Apache-2.0 0.784 0.1.0", "['SQuAD']", "True"]
    assert "Apache-2.0" in run(installed, "-m", "spacy", "info", "abstractkg", cwd=tmp_path)


# Training with spaCy


def gold_line(number, sentence, *marked):
    title = f"Paper {number}"
    text = f"{title}\n{sentence}"
    entities = []
    for surface, type_ in marked:
        start = text.index(surface)
        mention = {"start": start, "end": start + len(surface), "text": surface, "confidence": 1.0}
        entities.append({"name": surface, "type": type_, "role": "uses", "confidence": 1.0, "mentions": [mention]})
    line = {"id": f"g{number}", "title": title, "abstract": sentence, "entities": entities, "results": []}
    return json.dumps(line)


GOLD = [
    gold_line(1, "We train FrobNet on WidgetBank.", ("FrobNet", "Model"), ("WidgetBank", "Dataset")),
    gold_line(2, r"We gain \textbf{BLEU} with BERT-based taggers.", ("BLEU", "Metric"), ("BERT", "Model")),
    gold_line(3, "Parsing with ResNet-50.", ("Parsing", "Task"), ("esNet-50", "Model")),
]


def test_gold_lines_become_documents(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(GOLD) + "\n")
    nlp = extractors.load("en-fast", exclude=list(extractors.pipeline.COMPONENTS))
    documents, lost = to_docbin(path, nlp)
    found = [[(span.text, span.label_) for span in doc.ents] for doc in documents.get_docs(nlp.vocab)]
    assert found == [
        [("FrobNet", "Model"), ("WidgetBank", "Dataset")], [("BLEU", "Metric"), ("BERT", "Model")], [("Parsing", "Task")],
    ]  # fmt: skip
    assert lost == 1


def test_spacy_trains_on_them_and_the_result_works_in_our_pipeline(installed, tmp_path):
    (tmp_path / "gold.jsonl").write_text("\n".join(GOLD * 4) + "\n")
    said = run(installed, "-m", "extractors.training.docbin", "gold.jsonl", "gold.jsonl", "-o", "corpus", cwd=tmp_path)
    assert "12 documents; 4 mentions left out" in said
    short = ["--training.max_steps", "40", "--training.eval_frequency", "20", "--training.dropout", "0.0"]
    run(installed, "-m", "spacy", "train", "corpus/config.cfg", "-o", "model", *short, cwd=tmp_path)
    code = """
import spacy, extractors
own = spacy.load("model/model-last")
assert [token.text for token in own("BERT-based ViT-B/16")] == ["BERT", "-", "based", "ViT-B/16"]
nlp = extractors.load("en-fast")
nlp.add_pipe("ner", source=own, before="kg_entities")
doc = nlp("Paper 1\\nWe train FrobNet on WidgetBank. BERT runs on SQuAD.")
print({entity.name: entity.type for entity in (*doc._.models, *doc._.datasets)})
"""
    found = eval(run(installed, "-W", "ignore", "-c", code, cwd=tmp_path))
    assert found["FrobNet"] == "Model"
    assert found["WidgetBank"] == "Dataset"
    assert "SQuAD" in found


@pytest.mark.parametrize(("line", "says"), [("{", "gold.jsonl"), ('{"id": "a"}', "gold.jsonl")])
def test_a_gold_file_that_cannot_be_read_is_one_line(tmp_path, line, says):
    (tmp_path / "gold.jsonl").write_text(line + "\n")
    command = [sys.executable, "-m", "extractors.training.docbin", "gold.jsonl", "gold.jsonl", "-o", "corpus"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
