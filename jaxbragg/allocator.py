"""keep_memory(): memory that was freed is used again instead of being given back to the operating system."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt, by the numbers of its malloc.h."""


def keep_memory() -> bool:
    """Let this process keep the memory that it frees, so that large images take less time.

    XLA asks the C library for the memory of every result and of its temporary arrays. glibc takes blocks of
    32 MB and more from the operating system, which clears them page by page, and gives them back afterwards:
    that is half of the time of an image of 4096 x 4096 pixels. After this call the process never holds less
    than it once held, a little more than without it, and all its threads share one heap.

    For scripts that compute many large images, derivatives or batches on a CPU. Call it first of all: threads
    that JAX has started keep their own small heaps, and large blocks are then taken as before.

    Returns:
      Whether it has been done: False where the C library is not glibc (macOS, Windows, musl).

    Source: mallopt(3) of glibc.
    """
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # TypeError on Windows, where there is no library without a name
        return False
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    settings = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: -1, M_ARENA_MAX: 1}
    return all([library.mallopt(parameter, value) for parameter, value in settings.items()])
