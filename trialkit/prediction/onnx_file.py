"""The chosen learner as ONNX, for programs that run such files: standardized columns in, risk out.

Single precision, as the format's tree operators are: checked against the library to 1e-6 before it is kept.
What stands before it (filling, indicators, standardizing) is in ``model.json``.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialkit.prediction.arrays import Matrix
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.learners import Learner
from trialkit.wording import said

TOLERANCE = 1e-6


def write_onnx(path: Path, name: str, learner: Learner, matrix: Matrix) -> float:
    """Write the file and return the largest difference from the library over ``matrix``.

    Raises
    ------
    PredictionError
        The file's risks differ by more than 1e-6: nothing is written.
    """
    inputs = matrix.astype(np.float32)
    content = _converted(name, learner.native, matrix.shape[1])
    # the library is asked for the very numbers the file is given: rounding them is not the file's doing
    gap = float(np.abs(_risks(content, inputs) - learner.native.predict_proba(inputs)[:, 1]).max())
    if not gap <= TOLERANCE:
        raise PredictionError(
            expected=said("an ONNX file within {tolerance:g} of the model", tolerance=TOLERANCE),
            found=said("a difference of {gap:.2g}", gap=gap),
            where=str(path),
            next_step="Use model.json, which is exact.",
        )
    path.write_bytes(content)
    return gap


def _converted(name: str, native: Any, columns: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in ("xgboost", "lightgbm"):
            import onnxmltools
            from onnxmltools.convert.common.data_types import FloatTensorType

            convert = {
                "xgboost": onnxmltools.convert_xgboost,
                "lightgbm": onnxmltools.convert_lightgbm,
            }[name]
            model = convert(native, initial_types=[("columns", FloatTensorType([None, columns]))])
        else:
            from skl2onnx import convert_sklearn
            from skl2onnx.common.data_types import FloatTensorType

            model = convert_sklearn(
                native,
                initial_types=[("columns", FloatTensorType([None, columns]))],
                options={id(native): {"zipmap": False}},
            )
    model.graph.name = "trialkit"  # the converters draw one: the same model has the same bytes
    return bytes(model.SerializeToString())


def _risks(content: bytes, inputs: NDArray[np.float32]) -> Matrix:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # LightGBM's label output is declared one row long: a warning on every run
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    output = session.run(None, {"columns": inputs})[1]
    if isinstance(output, list):
        return np.array([row[1] for row in output])
    return np.asarray(output)[:, 1]
