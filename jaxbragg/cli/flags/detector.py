"""Options of the detector: where it is, which way it faces, its pixels and its sensor."""

from jaxbragg.cli.flags.flag import Flag, Group, count, names, number, switch, text, vector

_BEAM = (("pivot", "beam"),)
_SAMPLE = (("pivot", "sample"),)
_CUSTOM = (("convention", "custom"),)

PLACEMENT = Group(
    "Detector placement",
    (
        number(
            "-distance",
            "distance",
            "mm",
            "sample to detector along the beam; pivot at the beam",
            "100",
            effects=_BEAM,
        ),
        number(
            "-close_distance",
            "close_distance",
            "mm",
            "sample to the nearest point of the detector plane; wins over -distance; pivot at the sample",
            "from -distance",
            effects=_SAMPLE,
        ),
        number("-Xbeam", "xbeam", "mm", "beam centre x; pivot at the beam", "the middle", effects=_BEAM),
        number("-Ybeam", "ybeam", "mm", "beam centre y; pivot at the beam", "the middle", effects=_BEAM),
        number(
            "-Xclose",
            "xclose",
            "mm",
            "point nearest the sample, x; pivot at the sample",
            "the middle",
            effects=_SAMPLE,
        ),
        number(
            "-Yclose",
            "yclose",
            "mm",
            "point nearest the sample, y; pivot at the sample",
            "the middle",
            effects=_SAMPLE,
        ),
        number(
            "-ORGX",
            "orgx",
            "pixels",
            "point nearest the sample as in XDS, x; pivot at the sample",
            "the middle",
            effects=_SAMPLE,
        ),
        number(
            "-ORGY",
            "orgy",
            "pixels",
            "point nearest the sample as in XDS, y; pivot at the sample",
            "the middle",
            effects=_SAMPLE,
        ),
        Flag(
            names("-pivot"),
            "what stays put when the detector turns; custom convention only",
            ("pivot",),
            ("pivot",),
            default="beam",
            values="sample|beam",
        ),
        switch(
            "-mosflm",
            "convention",
            "mosflm",
            "MOSFLM convention of axes and beam centre",
            "yes",
            effects=_BEAM,
        ),
        switch("-denzo", "convention", "denzo", "DENZO convention", effects=_BEAM),
        switch("-adxv", "convention", "adxv", "ADXV convention", effects=_BEAM),
        switch("-xds", "convention", "xds", "XDS convention; pivot at the sample", effects=_SAMPLE),
        switch("-dials", "convention", "dials", "DIALS convention; pivot at the sample", effects=_BEAM),
        vector("-fdet_vector", "fdet_vector", "fast axis; custom convention", "0 0 1", effects=_CUSTOM),
        vector("-sdet_vector", "sdet_vector", "slow axis; custom convention", "0 -1 0", effects=_CUSTOM),
        vector(
            "-odet_vector",
            "odet_vector",
            "normal of the detector; custom convention",
            "1 0 0",
            effects=_CUSTOM,
        ),
        vector(
            "-beam_vector",
            "beam_vector",
            "direction of the beam; custom convention",
            "1 0 0",
            effects=_CUSTOM,
        ),
        vector(
            "-polar_vector",
            "polar_vector",
            "direction of the polarization; custom convention",
            "0 0 1",
            effects=_CUSTOM,
        ),
        vector(
            "-spindle_axis",
            "spindle_axis",
            "axis of the spindle; custom convention",
            "0 0 1",
            effects=_CUSTOM,
        ),
        vector(
            "-twotheta_axis",
            "twotheta_axis",
            "axis of -twotheta; custom convention",
            "0 1 0",
            effects=_CUSTOM,
        ),
        vector(
            "-pix0_vector",
            "pix0_vector",
            "outer corner of the first pixel; custom convention; nanobragg model: only selects that",
            unit="m",
            effects=_CUSTOM,
        ),
        number(
            "-twotheta",
            "twotheta",
            "deg",
            "swing about the sample; pivot at the sample",
            "0",
            effects=_SAMPLE,
        ),
        number("-detector_rotx", "rotx", "deg", "rotation of the detector about x", "0"),
        number("-detector_roty", "roty", "deg", "rotation of the detector about y, after x", "0"),
        number("-detector_rotz", "rotz", "deg", "rotation of the detector about z, after y", "0"),
    ),
)

PIXELS = Group(
    "Detector pixels and sensor",
    (
        number("-detsize$", "detsize_f detsize_s", "mm", "width and height", "102.4"),
        number("-detsize_f", "detsize_f", "mm", "size along the fast axis", "102.4"),
        number("-detsize_s", "detsize_s", "mm", "size along the slow axis", "102.4"),
        count(
            "-detpixels$",
            "detpixels_f detpixels_s",
            "pixels along each edge; wins over -detsize",
            "from size and pixel",
        ),
        count("-detpixels_f -detpixels_x", "detpixels_f", "pixels along the fast axis", "from size, pixel"),
        count("-detpixels_s -detpixels_y", "detpixels_s", "pixels along the slow axis", "from size, pixel"),
        number("-pixel[_size]", "pixel", "mm", "edge of a pixel", "0.1"),
        Flag(
            names("-detector_abs[orption]"),
            "attenuation depth of the sensor; inf or 0 stand for no absorption and take the thickness away",
            ("depth",),
            ("attenuation_depth",),
            "µm",
            "the thickness",
            values="µm | inf",
        ),
        number("-detector_thick$", "sensor_thickness", "µm", "thickness of the sensor", "0"),
        count(
            "-detector_thicksteps -thicksteps",
            "thicksteps",
            "layers of the sensor",
            "2 with a thickness, else 1",
        ),
        switch(
            "-curved_det[ector]",
            "curved",
            True,
            "all pixels at the same distance from the sample",
            "off",
            needs_follower=True,
        ),
        switch("-point_pixel", "point_pixel", True, "solid angle 1/distance², no area, no obliquity", "off"),
    ),
)

HEADERS = Group(
    "Settings from image files",
    (
        text("-img[file]", "img_file", "SMV image whose header gives the settings not typed", "none"),
        text("-mask[file]", "mask_file", "SMV image; leaves out pixels that are 0; header as -img", "none"),
    ),
)
