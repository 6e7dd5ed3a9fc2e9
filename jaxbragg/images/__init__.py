"""From expected photons to recorded images: noise, digitising, statistics."""
