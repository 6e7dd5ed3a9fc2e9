"""The uniform random numbers of the C program nanoBragg, number for number.

Holds the generator only; what is drawn from it stands in ``c_draws.py`` (mosaic domains, random
missetting) and in ``images/c_noise.py`` (photon noise). Host code: Python and numpy, no jax. Use it to
repeat a run of the C program; for anything else ``jax.random`` is the better generator.

A stream is one integer, its *seed*, that the caller owns. The shuffle table is shared by all streams of
one :class:`CRandom`, so the order in which streams draw matters, as it does in the program.
"""

import numpy as np

MULTIPLIER = 16807
MODULUS = 2147483647
TABLE_SIZE = 32
WARM_UP_STEPS = 40
TABLE_DIVISOR = 1 + (MODULUS - 1) // TABLE_SIZE
SCALE = 1.0 / MODULUS
LARGEST = 1.0 - 1.2e-7


def lehmer_step(state: int) -> int:
    """Advance the minimal-standard Lehmer generator by one step.

    The program splits the product so that it fits into 32 bits; the result is the plain remainder.

    Args:
      state: state of the stream, 1 to 2147483646.

    Returns:
      Next state, in the same range.

    Source: specs/random.md RND-1.
    """
    return MULTIPLIER * state % MODULUS


class CRandom:
    """Shuffle table and last number of the program's generator, shared by all streams.

    Attributes:
      table: the 32 waiting integers.
      y: the integer drawn last; 0 while the generator is unused.

    Source: specs/random.md RND-1 to RND-4.
    """

    def __init__(self) -> None:
        self.table = [0] * TABLE_SIZE
        self.y = 0

    def start(self, seed: int) -> int:
        """Fill the table from a seed if that seed or an unused table asks for it.

        Args:
          seed: state of the stream; zero or negative asks for a new table.

        Returns:
          State of the stream after the filling; the seed itself if nothing was to be done.

        Source: specs/random.md RND-2.
        """
        if seed > 0 and self.y != 0:
            return seed
        state = max(1, -seed)
        for j in reversed(range(WARM_UP_STEPS)):
            state = lehmer_step(state)
            if j < TABLE_SIZE:
                self.table[j] = state
        self.y = self.table[0]
        return state

    def uniform(self, seed: int) -> tuple[np.float32, int]:
        """Draw one number.

        Args:
          seed: state of the stream; zero or negative restarts the generator.

        Returns:
          The number, float32, above 0 and below 1; and the new state of the stream.

        Source: specs/random.md RND-3.
        """
        state = lehmer_step(self.start(seed))
        j = self.y // TABLE_DIVISOR
        self.y = self.table[j]
        self.table[j] = state
        u = np.float32(SCALE * self.y)
        return (np.float32(LARGEST) if float(u) > LARGEST else u), state
