"""Other programs, each behind the interface of `benchmarks.turns.Contestant`."""
