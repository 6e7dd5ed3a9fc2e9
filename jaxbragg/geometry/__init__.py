"""Where things are: the crystal's lattice, the laboratory frame, the detector and its pixels."""
