"""What each method costs beside its peers: ``python -m benchmarks``.

``methods/`` has one file a method, with what is particular to it: data, our call, the peers' calls. The rest
is shared: ``measure`` says what a file declares, ``clock`` and ``in_r`` take times, ``run`` holds the answers
against each other before it believes a time, ``table`` prints.
"""
