"""Hold the linter against messages that people marked."""

from __future__ import annotations

import pytest

from evals import lint
from evals.cases import folder
from evals.conftest import Run


def test_the_linter_agrees_with_people(run: Run) -> None:
    found = lint.agreement(lint.messages(folder(run.root)))
    if not found["n"]:
        pytest.skip("this suite has no labelled messages")
    run.lint = found
    below = [f"{k} {found[k]:.2f}, at least {v:.2f}" for k, v in run.suite.lint.items() if found[k] < v]
    if below:
        pytest.fail("; ".join(below) + "\n" + "\n".join(found["false_alarms"] + found["missed"]), pytrace=False)
