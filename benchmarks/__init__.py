"""Timings of jaxbragg against named rivals; see README.md. No part of the installed package."""
