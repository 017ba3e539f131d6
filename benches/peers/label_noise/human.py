"""How well rankings find labels that people got wrong. See README.md.

    python human.py FOLDER [EPOCHS]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from cleanlab.rank import get_label_quality_ensemble_scores, get_label_quality_scores
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = pathlib.Path(__file__).resolve().parents[3]


def samples(folder):
    """Pixels, given labels and true ones, as the folder has them."""
    images, labels, truth = (np.load(folder / f"{n}.npy") for n in ["images", "labels", "truth"])
    if not len(images) == len(labels) == len(truth):
        sys.exit("images, labels and truth are not of the same samples")
    return images.reshape(len(images), -1) / 255.0, labels.astype(np.int64), truth


def of_epochs(pixels, labels, epochs):
    """What a network says of the labels that it is trained on, epoch after epoch."""
    pixels = StandardScaler().fit_transform(pixels)
    classes = np.unique(labels)
    network = MLPClassifier((256,), learning_rate_init=1e-3, batch_size=64, random_state=0)
    probabilities = []
    for _ in range(epochs):
        network.partial_fit(pixels, labels, classes=classes)
        probabilities.append(network.predict_proba(pixels))
    return probabilities


def out_of_fold(pixels, labels):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_predict(model, pixels, labels, cv=folds, method="predict_proba")


def ours(labels, epochs):
    """Rankings by the example of tlc-findings."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(labels.astype("<i8").tobytes())
        file.write(b"".join(epoch.astype("<f8").tobytes() for epoch in epochs))
        file.flush()
        command = "cargo run -q --release -p tlc-findings --example rank_labels --".split()
        command += [file.name, str(epochs[0].shape[1]), str(len(epochs))]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def theirs(labels, epochs):
    """Scores by cleanlab, the lowest the most likely wrong."""
    last, margin = epochs[-1], {"method": "normalized_margin"}
    return {
        "ranking": get_label_quality_scores(labels, last),
        "by_margin": get_label_quality_scores(labels, last, **margin),
        "of_all_epochs": get_label_quality_ensemble_scores(labels, epochs, verbose=False),
    }


def ranked(order):
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order))
    return scores


def report(name, who, scores, wrong):
    first = np.argsort(scores, kind="stable")[: wrong.sum()]
    measured = [roc_auc_score(wrong, -scores), average_precision_score(wrong, -scores)]
    print(f"| {name} | {who} |", " | ".join(f"{m:.4f}" for m in [*measured, wrong[first].mean()]), "|")


def main():
    folder, epochs = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or [20])[0])
    pixels, labels, truth = samples(folder)
    wrong = labels != truth
    network, folds = of_epochs(pixels, labels, epochs), [out_of_fold(pixels, labels)]
    print(f"{wrong.sum()} of {len(labels)} labels are wrong; {epochs} epochs")
    print("| ranking | who | AUROC | average precision | precision at the errors |")
    print("|---|---|---|---|---|")
    names = {
        "ranking": "last epoch",
        "by_margin": "last epoch, margin",
        "of_all_epochs": "all epochs",
        "consensus": "consensus of epochs",
    }
    tlc, cleanlab = ours(labels, network), theirs(labels, network)
    for key, name in names.items():
        report(name, "tlc", ranked(tlc[key]), wrong)
        if key in cleanlab:
            report(name, "cleanlab", cleanlab[key], wrong)
    held_out = ours(labels, folds)
    report("out of fold", "tlc", ranked(held_out["ranking"]), wrong)
    report("out of fold", "cleanlab", get_label_quality_scores(labels, folds[0]), wrong)
    both = ranked(tlc["of_all_epochs"]) + ranked(held_out["ranking"])
    report("mean rank of all epochs and out of fold", "tlc", both, wrong)
    print(tlc["memorization"])


if __name__ == "__main__":
    main()
