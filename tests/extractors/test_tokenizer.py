import pytest
import spacy

from extractors.tokenizer import configure_tokenizer


@pytest.fixture(scope="module")
def nlp():
    return configure_tokenizer(spacy.blank("en"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # names stay whole
        ("ViT-B/16", "ViT-B/16"),
        ("ViT-L/14@336px", "ViT-L/14@336px"),
        ("GPT-3.5", "GPT-3.5"),
        ("C4.5", "C4.5"),
        ("SQuAD2.0", "SQuAD2.0"),
        ("WMT'14", "WMT'14"),
        ("ImageNet-22K", "ImageNet-22K"),
        ("top-1", "top-1"),
        ("F1-score", "F1-score"),
        ("pass@1", "pass@1"),
        ("T5-large", "T5-large"),
        ("Q-learning", "Q-learning"),
        ("self-attention", "self-attention"),
        ("BT^2", "BT^2"),
        ("C++", "C++"),
        # names come free of what hangs on them
        ("LLaMA-2-7B's", "LLaMA-2-7B 's"),
        ("LLMs'", "LLMs '"),
        ("BERT-based", "BERT - based"),
        ("Transformer-Based", "Transformer - Based"),
        ("GPT-3.5-generated", "GPT-3.5 - generated"),
        ("LLM-guided", "LLM - guided"),
        ("non-LLM", "non - LLM"),
        ("CLIP/DINO", "CLIP / DINO"),
        ("BERT/GPT-2/OPT-2.7B", "BERT / GPT-2 / OPT-2.7B"),
        ("(BLEU)", "( BLEU )"),
        ("LSTM(1997)", "LSTM ( 1997 )"),
        ("(LLM)-based", "( LLM ) - based"),
        ("network(s)", "network ( s )"),
        ("RL—a", "RL — a"),
        ("CLIP---which", "CLIP --- which"),
        ("team@SharedTask", "team @ SharedTask"),
        ("https://github.com/someone/BERT.", "https: / / github.com / someone / BERT ."),
        ("**BERT**", "* * BERT * *"),
        # figures and full stops
        (r"93\%", r"93 \%"),
        ("93%.", "93 % ."),
        ("$F_1$", "$ F_1 $"),
        ("7B.", "7B ."),
        ("ViT-B.", "ViT-B ."),
        ("end-of-sentence.", "end-of-sentence ."),
        ("U.S.", "U.S."),
        ("e.g.,", "e.g. ,"),
        ("al.", "al."),
        ("(top 8)", "( top 8 )"),
        ("don't", "do n't"),
    ],
)
def test_tokens(nlp, text, tokens):
    assert [token.text for token in nlp(text)] == tokens.split()


def test_text_is_kept(nlp):
    text = "  On  X \n\n (a) [b] {c} \\d $e$ ``f'' --- é ﬁ \u200b 🙂 \t"
    assert nlp(text).text == text


def test_saved_with_spacy_alone(nlp, tmp_path):
    nlp.to_disk(tmp_path / "nlp")
    text = "BERT-based ViT-B/16 (e.g. U.S. 7B.) don't"
    again = spacy.load(tmp_path / "nlp")
    assert [token.text for token in again(text)] == [token.text for token in nlp(text)]
