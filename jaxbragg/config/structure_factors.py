"""Structure factors on the integer lattice, without symmetry: what the file lists is what is used."""

from jaxbragg.config.checks import are_integers, finite
from jaxbragg.config.tree import config, convert_and_check, leaf, static
from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Leaf


@config
class StructureFactorConfig:
    """Structure factor amplitudes F(h, k, l).

    Attributes:
      table: amplitudes over a box of indices, electrons, (n_h, n_k, n_l); None is `default_f` everywhere.
      index_min: indices h, k, l of `table[0, 0, 0]`.
      default_f: amplitude outside the box, electrons.
      interpolate: interpolate between reflections (tricubic) instead of taking the nearest.
    """

    table: Leaf = leaf(None, shape=(None, None, None), unit="electrons", check=finite())
    index_min: tuple[int, int, int] = static((0, 0, 0))
    default_f: Leaf = leaf(0.0, unit="electrons", check=finite())
    interpolate: bool = static(False)

    def __post_init__(self) -> None:
        convert_and_check(self)
        if not are_integers(self.index_min, 3):
            raise ConfigError(f"`index_min` must be three integers h, k, l, got {self.index_min!r}")
        object.__setattr__(self, "index_min", tuple(self.index_min))
        if self.table is not None and 0 in self.table.shape:
            raise ConfigError(f"`table` must hold at least one reflection, got shape {self.table.shape}")
