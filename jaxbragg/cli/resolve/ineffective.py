"""Sentences about options that were typed but do not do what they suggest: beam, crystal, spindle, sampling.

The detector's are in `ineffective_detector`. Nothing here changes the experiment. Rules:
specs/command_line.md CLI-41.
"""

from collections.abc import Iterator

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.ineffective_detector import about_detector, overruled_placement
from jaxbragg.config.model import CORRECTED, Model
from jaxbragg.errors import UsageError

_REPLACED_BY_SOURCES = {
    "-dispersion": "dispersion",
    "-dispsteps": "dispsteps",
    "-hdivrange": "hdivrange",
    "-hdivstep": "hdivstep",
    "-hdivsteps": "hdivsteps",
    "-vdivrange": "vdivrange",
    "-vdivstep": "vdivstep",
    "-vdivsteps": "vdivsteps",
}


def ineffective(typed: Options, known: Options, model: Model) -> Iterator[str]:
    """What to tell the user about options without the effect they suggest.

    Args:
      typed: as typed.
      known: with image headers, which may decide against what was typed.
      model: "nanobragg" ignores more.

    Source: specs/command_line.md CLI-41.
    """
    yield from _overruled(typed, known, model)
    yield from about_detector(typed, model)
    yield from _about_photons(typed)
    yield from _about_polarization(typed, model)
    if typed.source_file is None:
        yield from _about_range("-hdivsteps", "-hdivstep", "-hdivrange", typed.hdivsteps, typed.hdivstep,
                                typed.hdivrange, "1 radian")  # fmt: skip
        yield from _about_range("-vdivsteps", "-vdivstep", "-vdivrange", typed.vdivsteps, typed.vdivstep,
                                typed.vdivrange, "1 radian")  # fmt: skip
        yield from _about_range("-dispsteps", "", "-dispersion", typed.dispsteps, None,
                                typed.dispersion or 0.0, "100 %")  # fmt: skip
    yield from _about_crystal(typed)
    yield from _about_spindle(known)


def refuse_overruled(typed: Options, known: Options, model: Model) -> None:
    """Refuse, in the corrected model, options whose values are dropped because another option decides.

    Raises:
      UsageError: there is such an option.

    Source: specs/command_line.md CLI-41.
    """
    for sentence in _overruled(typed, known, model) if model == CORRECTED else ():
        raise UsageError(sentence)


def _overruled(typed: Options, known: Options, model: Model) -> Iterator[str]:
    """What to tell the user about options that contradict what decides."""
    yield from overruled_placement(typed, known, model)
    if typed.source_file is not None:
        named = [o for o, field in _REPLACED_BY_SOURCES.items() if getattr(typed, field) is not None]
        if named:
            yield f"without effect beside -sourcefile: {', '.join(named)}; leave out one or the other"


def _about_photons(typed: Options) -> Iterator[str]:
    """Competing ways to say how many photons there are."""
    if not typed.flux:
        if typed.exposure is not None:
            yield "-exposure has no effect without -flux"
        return
    off = [
        text
        for text, is_off in (
            ("-exposure is not positive", typed.exposure is not None and typed.exposure <= 0),
            ("-beamsize is negative", typed.beamsize is not None and typed.beamsize < 0),
        )
        if is_off
    ]
    if off:
        source = "the default fluence" if typed.fluence is None else "-fluence"
        yield f"-flux is not used because {' and '.join(off)}; {source} holds"
    elif typed.fluence is not None:
        yield "-fluence has no effect: -flux, -exposure and -beamsize decide; leave out -flux to use it"


def _about_polarization(typed: Options, model: Model) -> Iterator[str]:
    """Cancelled polarization, and the program's way to apply it nevertheless."""
    if not typed.nopolar:
        return
    if typed.polarization is not None:
        yield "-polar has no effect: -nopolar after it cancels it"
    if typed.oversample_polar and model.nopolar_overruled:
        yield "-nopolar has no effect beside -oversample_polar in the nanobragg model; leave out the latter"


def _about_range(
    count_option: str,
    step_option: str,
    range_option: str,
    count: int | None,
    step: float | None,
    full_range: float | None,
    default_range: str,
) -> Iterator[str]:
    """Numbers of steps that the step rules replace or spread over a range nobody asked for."""
    if count is None or count <= 0:
        return
    has_step = step is not None and step > 0
    if full_range is None or full_range < 0:
        if has_step and count != 2:
            yield f"{count_option} is not used: {step_option} alone makes two points; give {range_option} too"
        elif not has_step:
            yield f"{count_option} without {range_option} spreads over {default_range}; give {range_option}"
    elif full_range == 0 and count > 1:
        yield f"{count_option} has no effect without {range_option}"
    elif full_range > 0 and count == 1 and not has_step:
        yield f"{count_option} 1 is taken as 2, the ends of {range_option}; leave out {range_option} for one"


def _about_crystal(typed: Options) -> Iterator[str]:
    """Numbers that belong to a feature which is off."""
    if typed.fudge not in (None, 1.0) and typed.shape in (None, "square"):
        yield "-fudge has no effect on square crystals; give -round_xtal, -gauss_xtal or -tophat_spots"
    if not typed.mosaic_spread or typed.mosaic_spread < 0:
        if typed.mosaic_domains is not None and typed.mosaic_domains > 1:
            yield "-mosaic_dom has no effect without -mosaic; there is one domain"
        if typed.mosaic_seed is not None:
            yield "-mosaic_seed has no effect without -mosaic"
    if typed.misset_seed is not None and typed.misset != "random":
        yield "-misset_seed has no effect without -misset random"


def _about_spindle(known: Options) -> Iterator[str]:
    """Numbers of phi steps that the step rule replaces, and ranges that do not fit."""
    count, step, osc = known.phisteps, known.phistep, known.osc
    if count is None or count < 0:
        return
    has_step = step is not None and step > 0
    if osc is None or osc < 0:
        if has_step and count != 2:
            yield "-phisteps is not used: -phistep alone makes two steps; give -osc too"
        elif not has_step and count > 1:
            yield "-phisteps without -osc spreads over 1 degree; give -osc"
    elif step is not None and step >= 0 and abs(max(count, 1) * step - osc) > 1e-6 * osc:
        covered = max(count, 1) * step
        yield (
            f"-osc {osc:g} has no effect on the image: -phisteps and -phistep cover {covered:g} degrees; "
            "leave out one of the three"
        )
