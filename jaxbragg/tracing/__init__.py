"""What to do with a trace: print it in the reference program's words, as JSON, compare it with another."""
