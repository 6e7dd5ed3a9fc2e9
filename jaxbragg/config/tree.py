"""Frozen configs that are pytrees: checked when somebody builds them, untouched when JAX rebuilds them.

`@config` turns a class into a frozen keyword-only dataclass whose `leaf` fields are pytree leaves (anything
that may be differentiated or batched) and whose `static` fields are hashable metadata (anything that changes
a shape or a branch). JAX rebuilds pytrees through `_unflatten`, which skips `__init__`: stacked, traced or
placeholder leaves are never checked or converted.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.config.checks import Check
from jaxbragg.errors import ConfigError

T = TypeVar("T")


def leaf(
    default: Any = MISSING,
    *,
    shape: tuple[int | None, ...] = (),
    unit: str = "",
    check: Check | None = None,
) -> Any:
    """Declare a differentiable field.

    Args:
      default: value in user units; `None` means absent (a different pytree structure).
      shape: expected shape when built by hand; `None` is any length.
      unit: unit that error texts quote.
      check: condition on the values, tested when they are concrete.
    """
    return field(default=default, metadata={"leaf": (shape, unit, check)})


def static(default: Any = MISSING) -> Any:
    """Declare a hashable field that is part of the pytree structure."""
    return field(default=default, metadata={"static": True})


def subtree(default: Any = MISSING) -> Any:
    """Declare a field that holds another config (or None)."""
    return field(default=default, metadata={"subtree": True})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(leaf, static, subtree))
def config(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, checked, keyword-only dataclass and a pytree."""
    cls = dataclass(frozen=True, kw_only=True, eq=False)(cls)
    static_names = tuple(f.name for f in fields(cls) if "static" in f.metadata)  # type: ignore[arg-type]
    child_names = tuple(f.name for f in fields(cls) if f.name not in static_names)  # type: ignore[arg-type]

    children, metadata = _values_of(child_names), _values_of(static_names)

    def flatten(obj: T) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return children(obj), metadata(obj)

    def flatten_with_keys(obj: T) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        keys = (jax.tree_util.GetAttrKey(name) for name in child_names)
        return tuple(zip(keys, children(obj), strict=True)), metadata(obj)

    def unflatten(given_metadata: tuple[Any, ...], given_children: Any) -> T:
        obj = object.__new__(cls)
        for name, value in zip(static_names + child_names, (*given_metadata, *given_children), strict=True):
            object.__setattr__(obj, name, value)
        return obj

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    _accept_aliases(cls)
    return cls


def _values_of(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads the attributes of these names (a configuration is taken apart several times per image)."""
    if not names:
        return lambda obj: ()
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda obj: (read(obj),)


def _accept_aliases(cls: type[Any]) -> None:
    """Let the constructor take the names in `cls.ALIASES`, whose attributes are derived properties."""
    aliases: dict[str, str] = getattr(cls, "ALIASES", {})
    if not aliases:
        return
    plain_init = cls.__init__

    def init(self: Any, **values: Any) -> None:
        for alias, name in aliases.items():
            if alias in values and name in values:
                raise ConfigError(f"give only one of `{alias}` and `{name}`, which are the same")
            if alias in values:
                values[name] = values.pop(alias)
        plain_init(self, **values)

    cls.__init__ = init


def replaced(obj: T, **values: Any) -> T:
    """The same config with other values for some fields, not checked or converted again."""
    new = object.__new__(type(obj))
    for f in fields(obj):  # type: ignore[arg-type]
        object.__setattr__(new, f.name, values.get(f.name, getattr(obj, f.name)))
    return new


def is_concrete(value: Any) -> bool:
    """Whether `value` is a number the host may look at (not a tracer or a placeholder)."""
    return isinstance(value, int | float | list | tuple | np.ndarray | np.generic) or (
        isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    )


def convert_and_check(obj: Any) -> None:
    """Turn the plain numbers of a config that is being built into float64 arrays, and check them.

    Numbers given as Python or NumPy values become NumPy float64 arrays, so that nothing is lost before the
    kernel chooses its own precision; JAX arrays and tracers are kept as they are. A tuple or list that holds
    tracers becomes one.

    Raises:
      ConfigError: a value has the wrong shape, is no number, or fails the check of its field.
    """
    for f in fields(obj):
        if "leaf" not in f.metadata:
            continue
        value = getattr(obj, f.name)
        if value is None:
            continue
        shape, unit, check = f.metadata["leaf"]
        if not hasattr(value, "aval") and not isinstance(value, jax.ShapeDtypeStruct):
            value = _as_array(f.name, value, unit)
            object.__setattr__(obj, f.name, value)
        _check_shape(f.name, value, shape)
        if check is not None and is_concrete(value):
            check(f.name, np.asarray(value), unit)


def _as_array(name: str, value: Any, unit: str) -> Any:
    try:
        if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves(value)):
            return jnp.asarray(value)
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ConfigError(
            f"`{name}` must be a number or an array of numbers{f' in {unit}' if unit else ''}, got {value!r}"
        ) from None


def _check_shape(name: str, value: Any, shape: tuple[int | None, ...]) -> None:
    found = np.shape(value) if is_concrete(value) else getattr(value, "shape", shape)
    matches = len(found) == len(shape) and all(
        want is None or want == have for want, have in zip(shape, found, strict=True)
    )
    if not matches:
        names = ["any" if n is None else str(n) for n in shape]
        want_text = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
        raise ConfigError(
            f"`{name}` must have shape {want_text}, got {tuple(found)}; "
            "to batch experiments, stack whole experiments with jax.tree.map and use jax.vmap"
        )
