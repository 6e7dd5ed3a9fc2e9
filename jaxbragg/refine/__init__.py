"""From a measured image back to the experiment: parameters, objectives, methods, results.

Reading order: `parameters.py` (what is refined, with `crystal_systems.py` and `orientation.py`),
`measurement.py` and `pixels.py` (what is compared), `objectives.py`, `prediction.py` and `sums.py` (how well
it fits, and its derivatives), `marquardt.py` and `gradient_methods.py` (what moves), `run.py` (the recipe).
Source: specs/refinement.md.
"""
