"""Writes case.json: losses and correctness over epochs with what NumPy makes of them.

    pip install numpy==2.4.6
    python make.py
"""

import json
import pathlib

import numpy as np

rng = np.random.default_rng(1)
epochs, samples = 6, 12
loss = rng.exponential(0.8, (epochs, samples)).astype(np.float32)
right = rng.random((epochs, samples)) < np.linspace(0.1, 0.95, samples)
right[:, 0] = False
right[:, -1] = True
margin = rng.normal(size=(epochs, samples)).astype(np.float32)

p = np.exp(-loss.astype(np.float64))
forgetting = (right[:-1] & ~right[1:]).sum(axis=0)
first = [int(np.argmax(r)) + 1 if r.any() else None for r in right.T]
case = {
    "loss": loss.tolist(),
    "accuracy": right.astype(float).tolist(),
    "margin": margin.tolist(),
    "mean_confidence": p.mean(axis=0).tolist(),
    "variability": p.std(axis=0).tolist(),
    "correctness": right.mean(axis=0).tolist(),
    "forgetting_events": forgetting.tolist(),
    "first_epoch_learned": first,
    "area_under_margin": margin.astype(np.float64).mean(axis=0).tolist(),
}
path = pathlib.Path(__file__).with_name("case.json")
path.write_text(json.dumps(case, separators=(",", ":")) + "\n")
