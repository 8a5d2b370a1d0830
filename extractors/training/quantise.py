"""From a trained transformer to the ONNX file that is shipped: traced, then weights in eight bits.

Matrices are quantised by output channel and activations text by text (``quantize_dynamic``); layers named as sensitive
stay as they are.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Collection
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from extractors.training.encoder import Batch, Tagger

__all__ = ["quantised", "traced"]

INPUTS = ("ids", "first", "last", "features", "vectors")
OUTPUTS = ("tags", "roles")


class _OneText(nn.Module):
    """The tagger for a batch of one text, in which nothing needs filling up."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        self.tagger = tagger

    def forward(
        self, ids: Tensor, first: Tensor, last: Tensor, features: Tensor, vectors: Tensor
    ) -> tuple[Tensor, Tensor]:
        scores: tuple[Tensor, Tensor] = self.tagger(Batch(ids, None, first, last, features, vectors, torch.ones(1)))
        return scores


def traced(tagger: Tagger) -> bytes:
    """Return the tagger as an ONNX model in single precision, for one text of any length."""
    sizes, pieces, words = tagger.sizes, 30, 20
    example = (
        torch.zeros((1, pieces), dtype=torch.int64),
        *(torch.zeros((1, words), dtype=torch.int64) for _ in range(2)),
        torch.zeros((1, words, 2 * len(sizes.rows)), dtype=torch.int64),
        torch.zeros((1, words, sizes.vector_width)),
    )
    lengths = {name: {1: "pieces" if name == "ids" else "words"} for name in (*INPUTS, *OUTPUTS)}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about shapes that it takes as fixed where they are
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            _OneText(tagger).eval(),
            example,
            str(path),
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_axes=lengths,
            opset_version=17,
            dynamo=False,
        )
        return path.read_bytes()


def quantised(model: bytes, *, keep: Collection[str] = ()) -> bytes:
    """Return an ONNX model with matrices and tables in eight bits.

    Parameters
    ----------
    keep
        Parts of the names of nodes that stay in single precision.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole, ready, small = (Path(folder) / f"{name}.onnx" for name in ("whole", "ready", "small"))
        whole.write_bytes(model)
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        nodes = [node.name for node in onnx.load(ready).graph.node]
        kept = [name for name in nodes if any(part in name for part in keep)]
        quantize_dynamic(str(ready), str(small), weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=kept)
        return small.read_bytes()
