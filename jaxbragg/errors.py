"""The errors a user can meet: every text says what was expected, what was found, and the remedy."""


class JaxbraggError(Exception):
    """Base of all errors that jaxbragg raises on purpose."""


class ConfigError(JaxbraggError, ValueError):
    """A number or combination of choices that describes no experiment."""


class FormatError(JaxbraggError, ValueError):
    """A file that cannot be read as what it should be; the text names file, line and remedy."""


class UsageError(JaxbraggError, ValueError):
    """A command line that cannot be understood."""


class JaxbraggWarning(UserWarning):
    """The request was carried out, but probably not as its author imagines."""
