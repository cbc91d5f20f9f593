"""Whether a server can listen where it is told to."""

import socket


class StartError(Exception):
    """The app cannot start; the message is a sentence that says why."""


def check_address(host: str, port: int) -> None:
    """Refuse an address where nothing can listen, before there is anything to be served.

    Args:
        host: a name, or an address of version 4 or 6.
        port: 1 to 65535.

    Raises:
        StartError: if there is no such name, or no such address here, or if the port is taken or not allowed.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(address[:2], family=family).close()
    except (OSError, UnicodeError) as error:  # UnicodeError: a part of the name is empty or too long
        why = getattr(error, "strerror", None) or "no such name"
        why = why.partition(" (while")[0]  # Python adds the address there
        raise StartError(f"cannot serve on {host}, port {port}: {why}; try another --host or --port") from error
