"""Printing any text, wherever it goes: to a terminal or a file of any encoding."""

import io
import sys


def print_anything() -> None:
    r"""Print from now on what the encoding of the terminal does not have as its number: "×" as "\xd7".

    Otherwise a name with an umlaut would end the program where the locale is not UTF-8, and the name of a file that is
    not UTF-8 would end it where the locale is.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a notebook or a test may have put something else there
            stream.reconfigure(errors="backslashreplace")
