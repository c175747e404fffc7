"""What proxies in front say of a client, believed only where a proxy of ours says it."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]
Network = IPv4Network | IPv6Network


def trusting(application: WSGI, count: int, addresses: str) -> WSGI:
    """Return ``application`` with the word of ``count`` proxies for client, host and scheme.

    Only requests that come from ``addresses`` (networks, separated by commas) or through a unix socket
    are taken for a proxy's; whoever reaches the port by another way is what the connection says.
    """
    believing = ProxyFix(application, x_for=count, x_proto=count, x_host=count, x_prefix=0)
    networks = [ip_network(text.strip()) for text in addresses.split(",")]

    @lru_cache(maxsize=256)
    def is_ours(peer: str) -> bool:
        return not peer or _lies_in(peer, networks)

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chosen = believing if is_ours(environ.get("REMOTE_ADDR", "")) else application
        return chosen(environ, start_response)

    return choose


def _lies_in(peer: str, networks: list[Network]) -> bool:
    address = ip_address(peer.partition("%")[0])
    # A socket for both families shows IPv4 as a part of IPv6.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)
