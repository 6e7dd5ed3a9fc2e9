"""What a pixel averages over: sources, spindle angles, mosaic domains, sub-pixels and layers."""
