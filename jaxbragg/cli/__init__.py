"""The command line: from the words typed to an experiment, and the report printed."""
