"""What numpy says of sequences of up to seven tokens of five classes; the third is
padding alone.

numpy 2.4.6
"""

import json
import pathlib

import numpy as np

SEQUENCES, TOKENS, CLASSES, PADDING = 19, 7, 5, -100

rng = np.random.default_rng(7)
lengths = rng.integers(1, TOKENS + 1, SEQUENCES)
lengths[2] = 0
targets = rng.integers(0, CLASSES, (SEQUENCES, TOKENS))
logits = (rng.normal(size=(SEQUENCES, TOKENS, CLASSES)) * 2).astype(np.float32).round(3)
counts = np.arange(TOKENS) < lengths[:, None]
targets[~counts] = PADDING

wide = logits.astype(np.float64)
log_softmax = wide - np.logaddexp.reduce(wide, axis=2, keepdims=True)
index = np.where(counts, targets, 0)[:, :, None]
loss = -np.take_along_axis(log_softmax, index, 2)[:, :, 0]
predicted = wide.argmax(2)


def of_each(values, function):
    return [function(v[c]) if c.any() else None for v, c in zip(values, counts)]


golden = {
    "logits": logits.astype(float).round(3).tolist(),
    "targets": targets.tolist(),
    "loss": of_each(loss, lambda loss: float(loss.mean())),
    "perplexity": of_each(loss, lambda loss: float(np.exp(loss.mean()))),
    "accuracy": of_each(predicted == targets, lambda right: float(right.mean())),
    "tokens": counts.sum(1).tolist(),
    "token_loss": [v[c].tolist() for v, c in zip(loss, counts)],
    "token_predicted": [v[c].tolist() for v, c in zip(predicted, counts)],
}
path = pathlib.Path(__file__).with_name("sequence.json")
path.write_text(json.dumps(golden) + "\n")
