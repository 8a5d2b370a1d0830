import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from extractors.abbreviations import find_abbreviations
from extractors.document import get_abbreviations


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        # long form (SHORT)
        ("We train a generative adversarial network (GAN) here.", "GAN", "generative adversarial network"),
        ("Large language models (LLMs) are used.", "LLMs", "Large language models"),
        (
            "with t-distributed stochastic neighbor embedding (t-SNE)",
            "t-SNE",
            "t-distributed stochastic neighbor embedding",
        ),
        ("parameter-efficient fine-tuning (PEFT) of it", "PEFT", "parameter-efficient fine-tuning"),
        ("the k-nearest neighbors (k-NN) rule", "k-NN", "k-nearest neighbors"),
        (
            "bidirectional long short-term memory networks (BiLSTMs)",
            "BiLSTMs",
            "bidirectional long short-term memory networks",
        ),
        ("a mixture of experts (MoE) layer", "MoE", "mixture of experts"),
        ("research and development (R&D)", "R&D", "research and development"),
        ("and in-context learning (ICL)", "ICL", "in-context learning"),
        ("asynchronous gradient descent methods (AGD)", "AGD", "asynchronous gradient descent"),
        ("the multi-task long-tailed recognition (MTLT) problem", "MTLT", "multi-task long-tailed recognition"),
        ("natural language processing (nlp)", "nlp", "natural language processing"),
        # more in the same brackets, nested brackets
        ("convolutional neural networks (CNNs; Smith 1998)", "CNNs", "convolutional neural networks"),
        ("(see chains of thought (CoT (Li, 2022)))", "CoT", "chains of thought"),
        ("mean average precision [i.e., mAP]", "mAP", "mean average precision"),
        ("large language model(LLM)-based", "LLM", "large language model"),
        # SHORT (long form)
        ("the BLEU (bilingual evaluation understudy) score", "BLEU", "bilingual evaluation understudy"),
        ("LLMs (large language models) win", "LLMs", "large language models"),
        ("We introduce D3 (“Diverse Data for Diff-by-Diff Coding”).", "D3", "Diverse Data for Diff-by-Diff Coding"),
        # titles
        ("LoRA: Low-Rank Adaptation of Large Models\nWe adapt.", "LoRA", "Low-Rank Adaptation"),
        ("RACC: A Retrieval-Augmented Code Completion Framework\nIt", "RACC", "Retrieval-Augmented Code Completion"),
        # in words
        ("We report mean average precision, or mAP, only.", "mAP", "mean average precision"),
        ("MoE, short for mixture of experts, is old.", "MoE", "mixture of experts"),
        ("where CoT stands for chain of thought.", "CoT", "chain of thought"),
        ("We propose FRAC, a fast retrieval-augmented coder.", "FRAC", "fast retrieval-augmented coder"),
        # digits and signs
        ("wav2vec 2.0 (W2V2)", "W2V2", "wav2vec 2.0"),
        ("an end-to-end (E2E) system", "E2E", "end-to-end"),
        ("self-supervised collaborative ranking (S^2CR)", "S^2CR", "self-supervised collaborative ranking"),
        ("multi-modal multi-scene emotion data (M2ED)", "M2ED", "multi-modal multi-scene emotion data"),
    ],
)
def test_finds(text, short, long):
    pairs = find_abbreviations(text)
    assert [(pair.short, pair.long) for pair in pairs] == [(short, long)]
    pair = pairs[0]
    assert text[pair.start : pair.end] == short
    assert text[pair.long_start : pair.long_end] == long
    assert 0.5 <= pair.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Our results (Ours) are good (Table 3).",
        "They (Smith et al., 2010) disagree (see below).",
        "the reward (r) of a state (s), with (n=3) and 5 (%)",
        "BERT: Pre-training of Deep Bidirectional Transformers\nWe train.",
        "SQuAD: 100,000+ Questions for Machine Comprehension\nWe ask.",
        "MIDAS: Multi-level Intent, Domain, And Slot Knowledge Distillation\nWe distil.",
        "the state of the art (GPT-4)",
        "We use Python (version 3) and Linux (Debian).",
        "",
        "()",
        "(((",
    ],
)
def test_leaves_alone(text):
    assert find_abbreviations(text) == []


def test_first_definition_counts():
    text = "Continual learning (CL). Then contrastive learning (CL)."
    assert [pair.long for pair in find_abbreviations(text)] == ["Continual learning"]


@given(st.text(alphabet="abcABC ().,;:-\n12", max_size=80))
def test_offsets_fit_any_text(text):
    for pair in find_abbreviations(text):
        assert text[pair.start : pair.end] == pair.short
        assert text[pair.long_start : pair.long_end] == pair.long


def test_component():
    nlp = spacy.blank("en")
    nlp.add_pipe("kg_abbreviations")
    docs = list(nlp.pipe(["A large language model (LLM).", "None here."]))
    assert [[pair.short for pair in get_abbreviations(doc)] for doc in docs] == [["LLM"], []]


def test_hostile_input_is_read_in_reasonable_time():
    find_abbreviations("a(" * 20_000 + "A b c (ABC) " * 10_000 + ")" * 20_000 + "AB" * 20_000)
