"""Doubles made of two singles, for devices without fast float64, and programs rewritten to use them."""
