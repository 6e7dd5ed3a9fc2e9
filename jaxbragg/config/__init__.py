"""The configs: what an experiment is, in the units users type."""
