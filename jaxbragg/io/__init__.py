"""Files in and out: one format per module, plain arrays on the inside, no simulation.

Reading order: `text` and `atomic` hold what all formats share; `hkl`, `fdump`, `mosflm`, `sources` and
`stol` (both on top of `columns`), `smv` and `mask` read what a simulation needs; `floats`, `npy`, `smv`,
`pgm` and `png` write what it produces. The layouts are specified in specs/files.md.
"""
