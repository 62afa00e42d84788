"""The command line: parse, check access, call one operation, show.

Each command lives in ``trialkit.cli.<name>`` as a click object called ``command`` and is imported only
when it is used, so that ``trialkit --help`` answers without pandas or the statistics stack.
"""

from trialkit.cli.root import main

__all__ = ["main"]
