"""ONNX files give the library's risks."""

from __future__ import annotations

import numpy as np
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction.learners import fit_learner
from trialkit.prediction.onnx_file import TOLERANCE, write_onnx
from trialkit.prediction.plan import LEARNERS


@pytest.mark.external_reference
@pytest.mark.parametrize("name", LEARNERS)
def test_the_file_gives_the_risks_of_the_model(name, data, tmp_path, capfd) -> None:
    matrix = data[[f"x{i}" for i in range(6)]].to_numpy()
    settings = {"trees": 20, "rounds": 20} if name in ("random_forest", "xgboost", "lightgbm") else {}
    learner = fit_learner(name, matrix, data["outcome"].to_numpy(float), np.ones(len(data)), settings, 3)
    path = tmp_path / "model.onnx"
    assert write_onnx(path, name, learner, matrix) <= TOLERANCE
    again = tmp_path / "again.onnx"
    write_onnx(again, name, learner, matrix)
    assert again.read_bytes() == path.read_bytes()
    assert path.stat().st_size > 100
    assert capfd.readouterr().err == ""


def test_a_file_that_differs_is_not_kept(data, tmp_path) -> None:
    matrix = data[[f"x{i}" for i in range(6)]].to_numpy()
    outcome, weights = data["outcome"].to_numpy(float), np.ones(len(data))
    learner = fit_learner("logistic", matrix, outcome, weights, {}, 3)
    learner.native.predict_proba = lambda x: np.full((len(x), 2), 0.5)
    with pytest.raises(PredictionError, match=r"model\.json, which is exact"):
        write_onnx(tmp_path / "model.onnx", "logistic", learner, matrix)
    assert not (tmp_path / "model.onnx").exists()
