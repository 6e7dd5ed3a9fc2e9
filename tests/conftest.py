"""One setting for all tests: CPU, and no silent mixing of dtypes or ranks.

float64 is not enabled globally: the library must not need it. Tests that want doubles say so.
"""

import jax

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
