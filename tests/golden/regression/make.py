"""What scikit-learn says of a regression of three outputs, one of them constant.

numpy 2.4.6, scikit-learn 1.9.1
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

rng = np.random.default_rng(7)
targets = (rng.normal(size=(43, 3)) * [1, 5, 0] + [0, 1000, 3]).astype(np.float32)
predictions = (targets + rng.normal(size=(43, 3))).astype(np.float32)


def scores(predictions, targets):
    targets, predictions = targets.astype(np.float64), predictions.astype(np.float64)
    mse = mean_squared_error(targets, predictions)
    return {
        "mae": float(mean_absolute_error(targets, predictions)),
        "mse": float(mse),
        "rmse": float(np.sqrt(mse)),
        "r2": float(r2_score(targets, predictions)),
    }


error = predictions.astype(np.float64) - targets
golden = {
    "predictions": predictions.astype(float).tolist(),
    "targets": targets.astype(float).tolist(),
    "error": error.mean(1).tolist(),
    "absolute_error": abs(error).mean(1).tolist(),
    "squared_error": (error**2).mean(1).tolist(),
    "all": scores(predictions, targets),
    "first": scores(predictions[:, 0], targets[:, 0]),
    "constant": scores(predictions[:, 2], targets[:, 2]),
    "constant_and_right": scores(targets[:, 2], targets[:, 2]),
}
path = pathlib.Path(__file__).with_name("regression.json")
path.write_text(json.dumps(golden) + "\n")
