"""Poisson numbers of the C program nanoBragg for many pixels: ``c_poisson.py`` as one compiled loop.

How many uniform numbers a pixel uses decides where the next pixel starts, so the loop is serial; compiled,
it takes some 15 ns per uniform number. XLA's elementary functions may differ from the C library's in the
last bits. Hence: what depends on the pixel alone comes from tables whose doubtful roundings were redone with
the math module, and a trial whose outcome hangs on the last bits of a tangent or exponential is left to
``c_poisson.py``, which then does that pixel. Host and CPU only; float64 inside, whatever the caller set.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from jaxbragg.images.c_poisson import (
    HIGH_MEAN,
    LOW_MEAN,
    ROOT_TWO_PI,
    SERIES,
    SERIES_START,
    CDeviates,
    log_gamma,
)
from jaxbragg.kept_jit import kept_jit
from jaxbragg.sampling.c_random import LARGEST, MODULUS, MULTIPLIER, SCALE

BLOCK = 1 << 16
FACTORIALS = (1 << 12, 1 << 17, 1 << 21)  # table lengths: few, for each compiles anew
DOUBT = 2.0**-44  # relative; a hundred times the error of any elementary function in use
Floats = npt.NDArray[np.float32]


class _Tables(NamedTuple):
    """What the trials of each pixel need, float32, (BLOCK,) each; and ln(k!) for small k."""

    mean: Any
    limit: Any  # exp(-mean) below LOW_MEAN, 2 from there on
    width: Any  # the other three: used from LOW_MEAN on
    log_mean: Any
    peak: Any
    log_factorial: Any
    zero: Any  # 0, int32, a number the compiler does not know


class _State(NamedTuple):
    """Where the loop stands: the pixel, the generator and what was drawn."""

    pixel: Any
    doubtful: Any  # this pixel must be done by the definition
    seed: Any
    y: Any
    table: Any
    out: Any


def poisson_many(means: Floats, deviates: CDeviates, seed: int) -> tuple[Floats, int]:
    """Draw the program's numbers of photons for a row of pixels.

    Args:
      means: expected photons of each pixel, in the order of drawing, float32, (n,).
      deviates: generator and spare Gaussian number; changed by the draws.
      seed: state of the stream.

    Returns:
      Numbers of photons, float32, (n,), equal to calls of `CDeviates.poisson` one after the other; and
      the new state of the stream.

    Source: specs/noise.md NOISE-3, NOISE-4 and NOISE-6.
    """
    drawn = np.empty(means.size, np.float32)
    brightest = np.max(np.where(means <= HIGH_MEAN, means, 0.0), initial=0.0)
    size = next(n for n in FACTORIALS if n >= 2.0 * float(brightest) + 1000.0)
    with jax.enable_x64(True), jax.default_device(jax.devices("cpu")[0]):
        log_factorial = jax.device_put(_log_factorial(size))
        for start in range(0, means.size, BLOCK):
            block = slice(start, start + BLOCK)
            seed = _draw_block(means[block], drawn[block], log_factorial, deviates, seed)
    return drawn, seed


def _draw_block(
    means: Floats, drawn: Floats, log_factorial: jax.Array, deviates: CDeviates, seed: int
) -> int:
    """Fill `drawn`; pixels that the loop leaves are done by the definition."""
    tables = jax.device_put(_tables(np.pad(means, (0, BLOCK - means.size)), log_factorial))
    left_alone = np.append(np.flatnonzero(~(means <= HIGH_MEAN)), means.size)
    rng, pixel = deviates.rng, 0
    while pixel < means.size:
        end = int(left_alone[np.searchsorted(left_alone, pixel)])
        if end > pixel:
            seed = rng.start(seed)
            generator = np.uint32(seed), np.uint32(rng.y), np.array(rng.table, np.uint32)
            state = _loop(tables, np.int32(pixel), np.int32(end), generator)
            first, pixel = pixel, int(state.pixel)
            drawn[first:pixel] = np.asarray(state.out)[first:pixel]
            seed, rng.y, rng.table = int(state.seed), int(state.y), np.asarray(state.table).tolist()
        if pixel < means.size:
            drawn[pixel], seed = deviates.poisson(means[pixel], seed)
            pixel += 1
    return seed


@kept_jit
def _loop(tables: _Tables, start: Any, end: Any, generator: tuple[Any, Any, Any]) -> _State:
    """Draw pixels from `start` up to `end`, or up to the first doubtful one."""

    def runs(state: _State) -> _State:
        return _bright_run(_faint_run(state, tables, end), tables, end)

    first = _State(start, jnp.bool_(False), *generator, jnp.zeros_like(tables.mean))
    return jax.lax.while_loop(lambda state: (state.pixel < end) & ~state.doubtful, runs, first)


def _faint_run(state: _State, tables: _Tables, end: Any) -> _State:
    """Pixels up to the next bright one (NOISE-3); one uniform number per turn."""

    def unfinished(carry: Any) -> Any:
        return (carry[0].pixel < end) & (tables.limit[carry[0].pixel] <= np.float32(1.0))

    def factor(carry: Any) -> Any:
        state, count, product = carry
        i = state.pixel
        seed, j = _lehmer(state.seed), _entry(state.y)
        y = state.table[j]
        product = product * _uniform(y)
        done = ~(product > tables.limit[i])
        state = state._replace(
            pixel=jnp.where(done, i + 1, i),
            seed=seed,
            y=y,
            table=state.table.at[j].set(seed),
            out=state.out.at[i].set(count),
        )
        count = jnp.where(done, np.float32(0.0), count + np.float32(1.0))
        return state, count, jnp.where(done, np.float32(1.0), product)

    return jax.lax.while_loop(unfinished, factor, (state, jnp.float32(0.0), jnp.float32(1.0)))[0]


def _bright_run(state: _State, tables: _Tables, end: Any) -> _State:
    """Pixels up to the next faint one (NOISE-4); one trial per turn, undone where doubtful."""

    def unfinished(state: _State) -> Any:
        return (state.pixel < end) & ~state.doubtful & (tables.limit[state.pixel] > np.float32(1.0))

    def trial(state: _State) -> _State:
        i = state.pixel
        seed_1, j_1 = _lehmer(state.seed), _entry(state.y)
        y_1 = state.table[j_1]
        seed_2, j_2 = _lehmer(seed_1), _entry(y_1)
        y_2 = jnp.where(j_2 == j_1, seed_1, state.table[j_2])

        slope, doubtful = _tangent(_uniform(y_1))
        count = _times(tables.width[i], slope, tables.zero) + tables.mean[i]
        negative = count < np.float32(0.0)
        count = jnp.floor(count)
        last = tables.log_factorial.shape[0] - 1
        log_factorial = tables.log_factorial[jnp.clip(count, 0.0, last).astype(jnp.int32)]
        exponent = _times(count, tables.log_mean[i], tables.zero) - log_factorial - tables.peak[i]
        height = 0.9 * (1.0 + _times(slope, slope, tables.zero).astype(jnp.float64))
        chance = height * jnp.exp(exponent.astype(jnp.float64))
        chance = jnp.where(count > last, np.float64(0.0), chance)  # NOISE-6: surely rejected
        u = _uniform(y_2)
        rejected = u > (chance * (1.0 - DOUBT)).astype(jnp.float32)
        doubtful |= ~negative & (rejected != (u > (chance * (1.0 + DOUBT)).astype(jnp.float32)))

        entry_1 = jnp.where(doubtful, y_1, seed_1)
        unused_2 = jnp.where(j_2 == j_1, entry_1, y_2)
        entry_2 = jnp.where(doubtful | negative, unused_2, seed_2)
        return _State(
            pixel=jnp.where(doubtful | negative | rejected, i, i + 1),
            doubtful=doubtful,
            seed=jnp.where(doubtful, state.seed, jnp.where(negative, seed_1, seed_2)),
            y=jnp.where(doubtful, state.y, jnp.where(negative, y_1, y_2)),
            table=state.table.at[j_1].set(entry_1).at[j_2].set(entry_2),
            out=state.out.at[i].set(count),
        )

    return jax.lax.while_loop(unfinished, trial, state)


def _lehmer(seed: jax.Array) -> jax.Array:
    """RND-1; the remainder by 2^31 - 1 without a division."""
    product = seed.astype(jnp.uint64) * np.uint64(MULTIPLIER)
    folded = (product & np.uint64(MODULUS)) + (product >> np.uint64(31))
    return jnp.where(folded >= MODULUS, folded - np.uint64(MODULUS), folded).astype(jnp.uint32)


def _entry(y: jax.Array) -> jax.Array:
    """Table entry that follows the number y (RND-3)."""
    return (y >> np.uint32(26)).astype(jnp.int32)


def _uniform(y: jax.Array) -> jax.Array:
    """The number y as float32 between 0 and 1 (RND-3)."""
    return jnp.minimum((y.astype(jnp.float64) * SCALE).astype(jnp.float32), np.float32(LARGEST))


def _tangent(u: jax.Array) -> tuple[jax.Array, jax.Array]:
    """tan(πu) rounded to float32, and whether that rounding is in doubt."""
    tangent = jnp.tan(math.pi * u.astype(jnp.float64))
    # near multiples of a quarter turn, reducing the angle loses digits: allow for its absolute error
    error = DOUBT * jnp.abs(tangent) + 1e-15 * (1.0 + tangent * tangent)
    doubtful = (tangent - error).astype(jnp.float32) != (tangent + error).astype(jnp.float32)
    return tangent.astype(jnp.float32), doubtful


def _times(a: jax.Array, b: jax.Array, zero: jax.Array) -> jax.Array:
    """Product rounded to float32; the unknown zero keeps it from being fused with a later addition."""
    bits = jax.lax.bitcast_convert_type(a * b, jnp.int32)
    return jax.lax.bitcast_convert_type(bits ^ zero, jnp.float32)


def _tables(mean: Floats, log_factorial: jax.Array) -> _Tables:
    """Functions of the mean alone, each equal to the definition's."""
    on_device = jax.device_put(mean)
    limit: Any
    limit, doubtful = _limits(on_device)
    left = np.flatnonzero(doubtful)
    if left.size:
        limit = np.array(limit)
        limit[left] = [math.exp(-max(float(m), 0.0)) for m in mean[left]]
    bright = (mean >= LOW_MEAN) & (mean <= HIGH_MEAN)
    width, log_mean, peak = _bright_tables(mean, bright) if bright.any() else (limit, limit, limit)
    return _Tables(on_device, limit, width, log_mean, peak, log_factorial, np.int32(0))


@kept_jit
def _limits(mean: jax.Array) -> tuple[jax.Array, jax.Array]:
    """exp(-mean) of faint pixels, 2 for the others; and whether its rounding is in doubt."""
    faint = mean < LOW_MEAN
    limit = jnp.exp(-jnp.clip(mean, 0.0, LOW_MEAN).astype(jnp.float64))
    lowest, highest = ((limit * (1.0 + error)).astype(jnp.float32) for error in (-DOUBT, DOUBT))
    return jnp.where(faint, lowest, np.float32(2.0)), faint & (lowest != highest)


def _bright_tables(mean: Floats, bright: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Width, logarithm of the mean and peak; of no meaning where pixels are not bright."""
    width, log_mean, peak = np.full((3, mean.size), 2.0, np.float32)
    high = mean[bright]
    wide = high.astype(np.float64)
    log_mean[bright] = _rounded(np.log(wide), 0.0, wide, math.log)
    peak[bright] = high * log_mean[bright] - _log_gamma_many(high + np.float32(1.0))
    width[bright] = np.sqrt(2.0 * wide).astype(np.float32)
    return width, log_mean, peak


@functools.lru_cache(maxsize=len(FACTORIALS))
def _log_factorial(n: int) -> Floats:
    """ln(k!) for k below n."""
    return _log_gamma_many(np.arange(1, n + 1, dtype=np.float32))


def _log_gamma_many(x: Floats) -> Floats:
    """`log_gamma` of many numbers."""
    z = x.astype(np.float64)
    tail = z + 5.5
    tail -= (z + 0.5) * np.log(tail)
    series = SERIES_START + sum(c / (z + 1.0 + j) for j, c in enumerate(SERIES))
    value = -tail + np.log(ROOT_TWO_PI * series / z)
    return _rounded(value, np.abs(tail), z, lambda v: float(log_gamma(np.float32(v))))


def _rounded(
    value: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64] | float,
    argument: npt.NDArray[np.float64],
    exact: Callable[[float], float],
) -> Floats:
    """Round to float32, asking the exact function wherever the last bits of the value decide."""
    error = DOUBT * (np.abs(value) + scale)
    result = value.astype(np.float32)
    doubtful = np.flatnonzero((value - error).astype(np.float32) != (value + error).astype(np.float32))
    result[doubtful] = [exact(float(v)) for v in argument[doubtful]]
    return result
