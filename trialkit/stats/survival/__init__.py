"""Time-to-event methods: one file an idea. Public names are handed out by ``trialkit.stats``."""
