"""Which address a request comes from."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection


def address_of(connection: HTTPConnection) -> str:
    """The client's address.

    What a proxy says of it is believed only where the proxy stands in our own network; of several
    addresses the last is the one it saw itself.
    """
    peer = connection.client.host if connection.client is not None else ""
    forwarded = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        inside = ipaddress.ip_address(peer).is_private
        return str(ipaddress.ip_address(forwarded)) if inside and forwarded else peer
    except ValueError:
        return peer
