"""A small, fast HTTP/1.1 client: as many keep-alive connections as asked, one request in flight on each."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What one burst of requests took: seconds for each, in the order they ended, and for all of them."""

    seconds: list[float]
    total: float
    bytes: int

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.total


def burst(port: int, path: str, cookie: str, *, clients: int, seconds: float) -> Run:
    """Ask for one page over and over for so many seconds; raises RuntimeError for any answer but 200."""
    return asyncio.run(_burst(port, path, cookie, clients, seconds))


async def _burst(port: int, path: str, cookie: str, clients: int, seconds: float) -> Run:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    ).encode()
    taken: list[float] = []
    sizes: list[int] = []
    start = time.perf_counter()
    until = start + seconds
    await asyncio.gather(*(_one(port, request, until, taken, sizes) for _ in range(clients)))
    return Run(taken, time.perf_counter() - start, sizes[-1])


async def _one(port: int, request: bytes, until: float, taken: list[float], sizes: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        before = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace")[:300])
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        await reader.readexactly(length)
        taken.append(time.perf_counter() - before)
        sizes.append(length)
    writer.close()
