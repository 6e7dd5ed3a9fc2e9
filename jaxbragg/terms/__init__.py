"""The physical factors of one sample, one per file."""
