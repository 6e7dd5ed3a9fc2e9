"""From the factors to the image: samples, their sum, tiles of pixels, derived quantities."""
