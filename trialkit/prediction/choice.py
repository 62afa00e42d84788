"""Which learner: the simplest within one standard error of the best, by folds no learner has seen.

Five learners judged by the same folds differ by luck; the largest of five is flattered, and where nothing
tells them apart the one that moves most wins. The rule of one standard error: Breiman, Friedman, Olshen &
Stone, Classification and Regression Trees, 1984, 3.4.3; ``lambda.1se`` of R's glmnet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit import numbers
from trialkit.prediction.arrays import Floats
from trialkit.prediction.learners import LABELS, LABELS_ZH

SIMPLICITY = ("logistic", "random_forest", "lightgbm", "xgboost", "mlp")
"""Simplest first."""


@dataclass(frozen=True)
class Choice:
    """``table``: ``model auc standard_error within``, one row a learner, simplest first; ``within`` one
    standard error of the best. ``folds`` and ``repeats`` that the AUC was averaged over."""

    learner: str
    table: pd.DataFrame
    folds: int
    repeats: int

    @property
    def best(self) -> str:
        return str(self.table.loc[self.table["auc"].idxmax(), "model"])

    def words(self) -> str:
        """How it was chosen, as it follows a learner's name."""
        if len(self.table) == 1:
            return "the only learner carried out; none was chosen among"
        best, own, error = self._numbers()
        return (
            f"the simplest within one standard error ({error}) of the best cross-validated AUC ({best}, "
            f"{LABELS[self.best]}); its own {own}; {self.folds} folds, repeated {self.repeats} times; "
            "the test set of the split had no part in it"
        )

    def words_zh(self) -> str:
        if len(self.table) == 1:
            return "仅运行了这一种学习器，未作选择"
        best, own, error = self._numbers()
        return (
            f"在交叉验证 AUC 最佳者（{LABELS_ZH[self.best]}，{best}）的一个标准误（{error}）之内"
            f"最简单的学习器；其自身 AUC 为 {own}；{self.folds} 折，重复 {self.repeats} 次；"
            "拆分的测试集未参与选择"
        )

    def _numbers(self) -> tuple[str, str, str]:
        of = self.table.set_index("model")
        best, own = of["auc"][self.best], of["auc"][self.learner]
        error = of["standard_error"][self.best]
        return numbers.fixed(best, 3), numbers.fixed(own, 3), numbers.fixed(error, 3)


def simplest_of_the_best(repeats: Sequence[Mapping[str, Floats]]) -> Choice:
    """Choose from each repeat's AUC by fold, learner -> one value a fold (NaN where a fold has one outcome).

    The standard error is the folds' deviation by the root of the folds of *one* repeat: further repeats see
    the same people and make nothing more certain.
    """
    records = []
    folds = len(next(iter(repeats[0].values())))
    for name in (name for name in SIMPLICITY if name in repeats[0]):
        areas = np.concatenate([one[name] for one in repeats])
        known = areas[np.isfinite(areas)]
        error = float(known.std(ddof=1)) / np.sqrt(folds) if len(known) > 1 else 0.0
        records.append((name, float(known.mean()) if len(known) else 0.0, error))
    table = pd.DataFrame(records, columns=["model", "auc", "standard_error"])
    best = table.loc[table["auc"].idxmax()]
    table["within"] = table["auc"] >= best["auc"] - best["standard_error"]
    chosen = str(table.loc[table["within"], "model"].iloc[0])
    return Choice(chosen, table, folds, len(repeats))
