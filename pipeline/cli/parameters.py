"""Types of parameters that several commands share."""

from math import isfinite

import click


class Number(click.FloatRange):
    """A finite number in a range. Python also parses `inf`, and `nan`, which passes every range check."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, or fail with wrong usage."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


class Text(click.types.StringParamType):
    """A text in UTF-8. Other bytes arrive as lone surrogates, which neither brokers nor ClickHouse accept."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or fail with wrong usage."""
        text = str(super().convert(value, param, ctx))
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail(f"{text!r} is not UTF-8", param, ctx)
        return text
