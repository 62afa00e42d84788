"""Where the number printer stood before it went to the ground: see :mod:`trialkit.numbers`."""

from __future__ import annotations

from trialkit.numbers import *  # noqa: F403
