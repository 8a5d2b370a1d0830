"""Names as they are compared: what is the same, what is not, and nothing that is a name destroyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.names import abbreviates, is_initialism, key, loose_key, normal_form, plain, signature, without_head
from kg.resolution.families import families_of, is_within, parse_variant
from kg.resolution.forms import Speller
from kg.resolution.inflection import american, stem
from kg.resolution.labels import Labelled, assign_ids, preferred_label, slug
from schemas.inflection import singular


def form(name):
    return key(normal_form(name))


@pytest.mark.parametrize(
    "names",
    [
        ("CIFAR10", "CIFAR-10", "Cifar 10", "CIFAR_10", "cifar‑10"),
        ("LLM", "LLMs", "LLM's", "LLMs'"),
        ("large language model", "Large Language Models", "large-language models", "LARGE LANGUAGE MODELS"),
        ("BERT", "Bert", "the BERT", "BERT’s", "\\textbf{BERT}", "**BERT**", '"BERT"'),
        ("LLaMA-2 7B", "Llama2-7B", "7B LLaMA-2", "Llama 2 (7B)", "7B parameter Llama-2"),
        ("β-VAE", "beta-VAE", "Beta VAEs", "$\\beta$-VAE"),
        ("F1", "F_1", "$F_1$", "f1"),
        ("R²", "R^2", "$R^2$", "R2"),
        ("TÜLU 3", 'T\\"ULU 3', "Tulu-3"),
        ("WMT 2014 English-German", "WMT14 English–German", "WMT'14 English-German"),
        ("optimization", "optimisation", "optimizations"),
        ("behavior cloning", "behaviour cloning"),
        ("language modeling", "language modelling"),
        ("text-to-image generation", "text-to-image (T2I) generation", "Text-to-Image [T2I] Generation"),
        ("GPT-4V(ision)", "GPT-4Vision", "GPT-4(Vision)"),
        ("ground truth corpus", "ground-truth corpora"),
        ("V&L model", "V and L models"),
        ("naïve Bayes", "naive Bayes", 'na\\"{\\i}ve Bayes'),
        ("pre-training", "pretraining", "Pre training"),
    ],
)
def test_variants_of_one_name_have_one_key(names):
    assert len({form(name) for name in names}) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("C", "C++", "C#", "C4", "C4.5", "C45", "C5"),
        ("T5", "5T", "T0"),
        ("F1", "F2", "F"),
        ("3D-CNN", "2D-CNN", "CNN"),
        ("GPT-3", "GPT-3.5", "GPT-35", "GPT-4", "GPT-3.5-turbo"),
        ("Llama-3 8B", "Llama 38B", "Llama-3.8B"),
        ("DefSent", "DefSent+", "DefSent++"),
        ("MCTS", "MCTS*"),
        ("20 Newsgroups", "Newsgroups", "10 Newsgroups"),
        ("R²", "R³", "R"),
        ("pass@1", "pass@10", "pass"),
        ("GPS", "GP"),
        ("loss", "los"),
        ("analysis", "analysi"),
        ("BERT-base", "BERT-large", "BERT", "RoBERTa-base"),
        ("image-to-text", "text-to-image"),
        ("supervised learning", "unsupervised learning", "semi-supervised learning"),
        ("ResNet-50", "ResNet-101"),
        ("数据集", "数据"),
        ("Σκαλα", "Σ"),
    ],
)
def test_different_names_have_different_keys(names):
    assert len({form(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("F1", "f1"),
        ("C4.5", "c4.5"),
        ("3D-CNN", "3d cnn"),
        ("20 Newsgroups", "20 newsgroup"),
        ("A", "a"),
        ("a", "a"),
        ("The", "the"),
        ("—", "—"),
        ("A* search", "a* search"),
        ("$k$-NN", "k nn"),
        ("Llama-3.1-8B", "llama 3.1 8b"),
        ("175B GPT-3", "gpt 3 175b"),
        ("20B tokens", "20b token"),
        ("CoNLL-2003", "conll 03"),
        ("2048", "2048"),
        ("top-5 accuracy", "top 5 accuracy"),
    ],
)
def test_normal_form(name, normal):
    assert normal_form(name) == normal


@given(st.text(min_size=1).filter(str.strip))
def test_a_normal_form_is_never_empty(name):
    assert normal_form(name).strip()


def test_plain_is_readable():
    assert plain("\\textbf{BERT}–base") == "BERT-base"
    assert plain("a  “quoted”\u00a0 name") == "a quoted name"


@given(
    st.lists(
        st.sampled_from(["BERT", "GPT-2", "C++", "data", "sets", "of", "the", "LLMs", "8B", "2014", "α-β"]), min_size=1
    ).map(" ".join)
)
def test_white_space_and_hyphens_never_matter(name):
    assert form(name) == form("  " + name.replace(" ", "  ") + " ")
    assert form(name.replace(" ", "_")) == form(name.replace(" ", "–"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("computational cost", "computation costs"),
        ("positional embedding", "position embeddings"),
        ("deep networks", "deep neural networks"),
        ("natural language understanding", "language understanding"),
        ("instruction fine-tuning", "instruction tuning"),
        ("continued pre-training", "continual pretraining"),
        ("mixture of experts", "mixture-of-experts"),
        ("vision-and-language model", "vision-language models"),
        ("low-rank adapters", "low-rank adaptation"),
    ],
)
def test_loose_key_joins_word_forms(one, other):
    assert loose_key(normal_form(one)) == loose_key(normal_form(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("neural network", "network"),
        ("neural machine translation", "machine translation"),
        ("generative model", "general model"),
        ("prompt-based learning", "prompt learning"),
        ("image-to-text generation", "text-to-image generation"),
        ("optimal transport", "optimization transport"),
        ("supervised learning", "unsupervised learning"),
        ("adapter", "adaptation"),
    ],
)
def test_loose_key_keeps_terms_apart(one, other):
    assert loose_key(normal_form(one)) != loose_key(normal_form(other))


def test_loose_key_without_order():
    assert loose_key("proving theorem", ordered=False) == loose_key("theorem proving", ordered=False)
    assert loose_key("proving theorem") != loose_key("theorem proving")


@pytest.mark.parametrize(
    ("name", "type_", "rest"),
    [
        ("BERT model", "Model", "bert"),
        ("GLUE benchmark", "Dataset", "glue"),
        ("ImageNet data set", "Dataset", None),  # "set" alone says nothing
        ("Adam optimizer", "Method", "adam"),
        ("F1 score", "Metric", "f1"),
        ("transformer neural network", "Model", "transformer"),
        ("BERT model", "Task", None),
        ("model", "Model", None),
        ("benchmark dataset", "Dataset", "benchmark"),
    ],
)
def test_without_head(name, type_, rest):
    assert without_head(normal_form(name), type_) == rest


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("CNN", "convolutional neural network"),
        ("CNNs", "convolutional neural networks"),
        ("t-SNE", "t-distributed stochastic neighbor embedding"),
        ("T2I", "text-to-image"),
        ("BERT", "Bidirectional Encoder Representations from Transformers"),
        ("KV", "key-value"),
    ],
)
def test_abbreviates(short, long):
    assert abbreviates(short, long)


@pytest.mark.parametrize(
    ("short", "long"), [("CNN", "recurrent network"), ("GLUE", "question answering"), ("AB", "b a"), ("LLM", "LLMs")]
)
def test_does_not_abbreviate(short, long):
    assert not abbreviates(short, long)


def test_initialisms_and_signatures():
    assert [is_initialism(name) for name in ("BERT", "LLMs", "ViT-B/16", "F1")] == [True] * 4
    assert [is_initialism(name) for name in ("Adam", "Swin", "x", "MS COCO", "state-of-the-art")] == [False] * 5
    assert signature("llama 2 7b") != signature("llama 2 13b")
    assert signature("large language model") == ()


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("models", "model"),
        ("accuracies", "accuracy"),
        ("losses", "loss"),
        ("boxes", "box"),
        ("matrices", "matrix"),
        ("corpora", "corpus"),
        ("caches", "cache"),
        ("metrics", "metric"),
        ("analyses", "analysis"),
    ],
)
def test_singular(plural, one):
    assert singular(plural) == one
    assert singular(one) == one


@pytest.mark.parametrize("word", ["bias", "lens", "news", "series", "statistics", "dynamics", "class", "virus", "gas"])
def test_singular_keeps(word):
    assert singular(word) == word


@pytest.mark.parametrize(
    "word", ["promise", "noise", "denoising", "raised", "expertise", "enterprise", "precise", "four"]
)
def test_american_keeps(word):
    assert american(word) == word


def test_american_and_stem():
    assert [american(word) for word in ("tokenised", "colour", "labelling", "centre")] == [
        *("tokenized", "color", "labeling", "center")
    ]
    assert stem("optimizer") == stem("optimization") != stem("optimal")
    assert stem("mathematical") == stem("math")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("LLaMA-2 7B", ("LLaMA", "2", "7B", "")),
        ("7B Llama2", ("Llama", "2", "7B", "")),
        ("BERT-base", ("BERT", "", "base", "")),
        ("ImageNet-1k", ("ImageNet", "", "1k", "")),
        ("ImageNet1k", ("ImageNet", "", "1k", "")),
        ("GPT-3.5-turbo", ("GPT", "3.5", "", "turbo")),
        ("GPT-4o", ("GPT", "4", "", "o")),
        ("GPT-4V(ision)", ("GPT", "4", "", "V")),
        ("ResNet-50", ("ResNet", "", "50", "")),
        ("YOLOv5", ("YOLO", "v5", "", "")),
        ("Flan-T5-XXL", ("Flan-T5", "", "XXL", "")),
        ("T5", ("T5", "", "", "")),
        ("C4", ("C4", "", "", "")),
        ("F1", ("F1", "", "", "")),
        ("3D-CNN", ("3D-CNN", "", "", "")),
        ("20 Newsgroups", ("20 Newsgroups", "", "", "")),
        ("base", ("base", "", "", "")),
    ],
)
def test_parse_variant(name, parts):
    variant = parse_variant(name)
    assert (variant.family, variant.version, variant.size, variant.edition) == parts


def test_families():
    assert list(families_of("GPT-3.5-turbo")) == ["GPT 3.5", "GPT"]
    assert list(families_of("Recall@5")) == ["Recall"]
    assert list(families_of("C4.5")) == []
    assert not is_within("SemEval 2024", "SemEval 2014")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ImageNet", "imagenet"),
        ("BERT", "bert"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("large language model", "large-language-model"),
        ("GPT-3.5 (turbo)", "gpt-3.5-turbo"),
        ("7B Llama2", "llama2-7b"),
        ("Müller’s naïve Łódź", "mullers-naive-lodz"),
        ('A/B <test> "x" %', "a-b-test-x-percent"),
        ("...", "x-"),
    ],
)
def test_slug(label, expected):
    assert slug(label).startswith(expected)


@given(st.text())
def test_a_slug_is_fit_for_iris_and_file_names(label):
    id_ = slug(label)
    assert 0 < len(id_) <= 80
    assert all(char.isalnum() or char in "-." or not char.isascii() for char in id_)
    assert id_ == id_.strip("-.")


names = st.text(alphabet="aAbB +-#.1", min_size=1, max_size=4)


@given(st.dictionaries(st.tuples(names, st.sampled_from(["Dataset", "Task", "Model"])), names, max_size=12))
def test_ids_are_injective_and_depend_on_no_order(entities):
    wanted = [Labelled(label, type_, f"{label} {number}") for number, (label, type_) in enumerate(sorted(entities))]
    ids = assign_ids(wanted)
    assert len(set(ids.values())) == len(wanted)
    assert assign_ids(reversed(wanted)) == ids


def test_homonyms_of_two_types_both_get_their_type():
    wanted = [Labelled("MATH", "Dataset", "math Dataset"), Labelled("math", "Task", "math Concept")]
    assert list(assign_ids(wanted).values()) == ["math-dataset", "math-task"]
    assert list(assign_ids([Labelled("con", "Method", "con")]).values()) == ["con-method"]  # no file of that name


@pytest.mark.parametrize(
    ("aliases", "type_", "label"),
    [
        (
            {"LLMs": 50, "LLM": 20, "large language models": 30, "large language model": 4},
            "Model",
            "large language model",
        ),
        ({"BERT": 50, "bidirectional encoder representations from transformers": 2}, "Model", "BERT"),
        ({"DenseNet": 2, "densely connected convolutional networks": 1}, "Model", "DenseNet"),
        ({"Penn Treebank": 5, "PTB": 3}, "Dataset", "Penn Treebank"),
        ({"distillation": 9, "knowledge distillation": 5}, "Method", "knowledge distillation"),
        ({"F1 score": 9, "f1 score": 1, "F1": 3}, "Metric", "F1 score"),
        ({"Graph Transformers": 3}, "Model", "Graph Transformer"),
        ({"mixture of experts": 19, "mixture of expert": 1}, "Method", "mixture of experts"),
        ({"20 Newsgroups": 2}, "Dataset", "20 Newsgroups"),
        (
            {"CLIP": 15, "Contrastive Language-Image Pretraining": 5, "contrastive language-image pretraining": 1},
            "Model",
            "CLIP",
        ),
        ({"FLOPs": 11, "FLOP": 1}, "Metric", "FLOPs"),
        ({"Transformers": 9, "Transformer": 4, "transformer": 2}, "Model", "Transformer"),
        ({"Question Answering": 6, "question answering": 2}, "Task", "question answering"),
    ],
)
def test_preferred_label(aliases, type_, label):
    assert preferred_label(aliases, type_, Speller()) == label


def test_the_plain_id_is_that_of_what_nearly_all_papers_mean():
    llm = Labelled("LLM", "Model", "large language model Concept", 900)
    other = Labelled("LLM", "Model", "local lens map Concept", 2)
    task = Labelled("LLM", "Task", "llm Concept", 1)
    ids = assign_ids([other, task, llm])
    assert (ids[llm], ids[task], ids[other]) == ("llm", "llm-task", "llm-model")
    even = assign_ids([llm, other._replace(papers=900)])
    assert set(even.values()) == {"llm-model-large-language-model-concept", "llm-model-local-lens-map-concept"}
    assert assign_ids([llm], taken={"llm"})[llm] == "llm-model"


def test_one_odd_form_among_thousands_makes_no_coined_name():
    speller = Speller()
    forms = {"LLMs": 900, "LLM": 300, "large language models": 700, "Large Language Models": 200, "Llama3-70b": 1}
    assert preferred_label(forms, "Model", speller) == "large language model"
    assert preferred_label({"NER": 60, "Named Entity Recognition": 40}, "Task", speller) == "Named Entity Recognition"
