"""What is printed, wherever it goes: a terminal or a file of any encoding."""

import io
import sys


def print_anything() -> None:
    r"""From now on, what the encoding of the terminal does not have is printed as its number: "×" as "\\xd7".

    Otherwise a name with an umlaut would end the program, where the locale is not UTF-8; and where it is, the name of a
    file that is not.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not what a notebook or a test has put there
            stream.reconfigure(errors="backslashreplace")
