"""keep_memory(): memory that was freed is used again instead of being given back to the operating system."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Parameters of glibc's mallopt, by the numbers of its malloc.h."""


def keep_memory() -> bool:
    """Let this process keep the memory that it frees, so that large images take less time.

    XLA asks the C library for the memory of every result and of its temporary arrays. glibc takes blocks of
    32 MB and more from the operating system, which clears them page by page, and gives them back afterwards:
    that is half of the time of an image of 4096 x 4096 pixels. After this call the process never holds less
    than it once held, and a little more than without it. JAX then computes in the thread that asks, because
    only the heap of the main thread has room for blocks of 64 MB: a call returns when its result is ready.

    For scripts that compute many large images, derivatives or batches on a CPU. Call it first of all, in the
    main thread: what has begun to compute stays as it is.

    Returns:
      Whether glibc has been told so; False where the C library is another one (macOS, Windows, musl).

    Source: mallopt(3) of glibc.
    """
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # TypeError on Windows, where there is no library without a name
        return False
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    import jax

    jax.config.update("jax_cpu_enable_async_dispatch", False)  # type: ignore[no-untyped-call]
    return all([library.mallopt(M_MMAP_MAX, 0), library.mallopt(M_TRIM_THRESHOLD, -1)])
