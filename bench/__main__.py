"""python -m bench: loads two sizes, times the pages against the floor, prints the table.

Without a server: `python -m bench.sequencing` times pathways, `python -m bench.recurrence` what repeats.
"""

import argparse
import base64
import http.client
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bench import client, load

PORTS = {"app": 8731, "floor": 8732}
ROUNDS = 3
PATIENT_ONLY = bool(os.environ.get("BENCH_PATIENT_ONLY"))


def main() -> None:
    said = arguments()
    os.environ["BENCH_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    os.environ["BENCH_ORIGIN"] = f"http://127.0.0.1:{PORTS['app']}"
    from app.kit import embedded

    with tempfile.TemporaryDirectory(prefix="braid-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            medians = {size: measure(server, size, said.seconds) for size in said.sizes}
        finally:
            server.stop()
    if len(said.sizes) == 2:
        small, large = (medians[size] for size in said.sizes)
        print(f"\nGrowth of p50 from {said.sizes[0]} to {said.sizes[1]} patients")
        for name in small:
            print(f"  {name:20} {large[name] / small[name]:5.2f}x")


def arguments() -> argparse.Namespace:
    others = "Without a server: python -m bench.sequencing (pathways), python -m bench.recurrence (what repeats)."
    parser = argparse.ArgumentParser(prog="bench", epilog=others)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 20_000])
    parser.add_argument("--seconds", type=float, default=2.0, help="of each burst")
    return parser.parse_args()


def measure(server: object, size: int, seconds: float) -> dict[str, float]:
    """One size: the table of its pages, and the p50 of each as a ratio to the floor beside it."""
    urls = fresh_database(server, size)
    before = time.perf_counter()
    loaded = load.load(urls["app"], size)
    print(f"\n{size} patients, loaded in {time.perf_counter() - before:.0f} s")
    print(f"{'page':20} {'bytes':>7} {'SQL':>4} {'p50':>7} {'p95':>7} {'p99':>7} {'floor':>7} {'p50 x':>6} "
          f"{'req/s':>7} {'floor':>7} {'1/x':>6}")  # fmt: skip
    found = {}
    with running(urls) as started:
        for name, path, cookie in pages(loaded):
            found[name] = row(name, path, cookie, seconds)
        print(f"memory {memory(started['app']):.0f} MB, floor {memory(started['floor']):.0f} MB; "
              f"cold start to first page {started['app_cold']:.2f} s, floor {started['floor_cold']:.2f} s")  # fmt: skip
    rendering()
    return found


def pages(loaded: load.Loaded) -> Iterator[tuple[str, str, str]]:
    mine, staff = f"braid_session={loaded.patient_cookie}", f"braid_session={loaded.staff_cookie}"
    yield "Today", "/my/today", mine
    yield "Programme", "/my/programme", mine
    yield "Module page", "/my/steps/doing-what-matters/pages/03-small-things-first", mine
    yield "Questionnaire", "/my/questionnaires/phq-9", mine
    if not PATIENT_ONLY:
        yield "Caseload, 50 rows", "/caseload", staff
        yield "Patient’s plan", f"/patients/{loaded.patient_id}/plan", staff


def row(name: str, path: str, cookie: str, seconds: float) -> float:
    """One line of the table; floor and page take turns, so that both see the same minute."""
    cookie += "; braid_seed=bench"
    client.burst(PORTS["app"], path, cookie, clients=1, seconds=0.5)
    statements = count_statements(path, cookie)
    alone, floor_alone, crowd, floor_crowd = [], [], [], []
    for _ in range(ROUNDS):
        size = client.burst(PORTS["app"], path, cookie, clients=1, seconds=0.1).bytes
        floor_alone.append(client.burst(PORTS["floor"], f"/{size}", "", clients=1, seconds=seconds))
        alone.append(client.burst(PORTS["app"], path, cookie, clients=1, seconds=seconds))
        floor_crowd.append(client.burst(PORTS["floor"], f"/{size}", "", clients=8, seconds=seconds))
        crowd.append(client.burst(PORTS["app"], path, cookie, clients=8, seconds=seconds))
    p50, p95, p99 = (statistics.median(run.percentile(share) for run in alone) for share in (0.5, 0.95, 0.99))
    floor = statistics.median(run.percentile(0.5) for run in floor_alone)
    rate, floor_rate = (statistics.median(run.per_second for run in runs) for runs in (crowd, floor_crowd))
    print(f"{name:20} {alone[-1].bytes:7} {statements:4} {p50:7.2f} {p95:7.2f} {p99:7.2f} {floor:7.2f} "
          f"{p50 / floor:6.1f} {rate:7.0f} {floor_rate:7.0f} {floor_rate / rate:6.1f}")  # fmt: skip
    return p50 / floor


def count_statements(path: str, cookie: str) -> int:
    """The statements one page sends, as the server under test counts them itself; what begins and ends it left out."""
    connection = http.client.HTTPConnection("127.0.0.1", PORTS["app"])
    connection.request("GET", path, headers={"Cookie": cookie, "X-Count": "1"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return int(answer.headers["X-Statements"])


def fresh_database(server: object, size: int) -> dict[str, str]:
    """An empty, migrated database of this size's own."""
    from app.kit import embedded, migrations

    name = f"bench_{size}"

    def at(url: str) -> str:
        return sa.make_url(url).set(database=name).render_as_string(hide_password=False)

    admin = sa.create_engine(server.admin_url, isolation_level="AUTOCOMMIT")  # type: ignore[attr-defined]
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} owner braid_owner")
    inside = sa.create_engine(at(server.admin_url), isolation_level="AUTOCOMMIT")  # type: ignore[attr-defined]
    with inside.connect() as connection:
        embedded.prepare(connection)
    migrations.upgrade(at(server.owner_url))  # type: ignore[attr-defined]
    os.environ["BENCH_OWNER"] = at(server.owner_url)  # type: ignore[attr-defined]
    return {"app": at(server.app_url)}  # type: ignore[attr-defined]


@contextmanager
def running(urls: dict[str, str]) -> Iterator[dict[str, float]]:
    """Both servers, one worker each."""
    plain = sa.make_url(urls["app"])
    floor_dsn = f"host={plain.query['host']} port={plain.query.get('port', '5432')} user={plain.username} " \
                f"dbname={plain.database}"  # fmt: skip
    environment = {**os.environ, "DATABASE_URL": urls["app"], "BENCH_FLOOR": floor_dsn}
    started: dict[str, float] = {}
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for name, target, path in (("floor", "bench.floor:app", "/100"), ("app", "bench.serve:app", "/help")):
            command = [
                sys.executable, "-m", "uvicorn", target, "--port", str(PORTS[name]), "--no-access-log",
                "--log-level", "error", "--loop", "uvloop", "--http", "httptools",
            ]  # fmt: skip
            before = time.perf_counter()
            processes.append(process := subprocess.Popen(command, env=environment))
            wait_for(process, PORTS[name], path)
            started[f"{name}_cold"] = time.perf_counter() - before
            started[name] = process.pid
        yield started
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError(f"what should answer on {port} ended at once: does something else hold the port?")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers on {port}")


def memory(pid: float) -> float:
    """Proportional set size of a process, in megabytes."""
    rollup = Path(f"/proc/{int(pid)}/smaps_rollup").read_text()
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


def rendering() -> None:
    """The error page alone, drawn without a server: what a template costs by itself."""
    from starlette.requests import Request

    from app.kit import render

    scope = {"type": "http", "method": "GET", "path": "/help", "headers": [], "query_string": b"",
             "state": {"secure": False}}  # fmt: skip
    request = Request(scope)
    drawn = render.page(request, "safety/help.html")
    times = []
    for _ in range(300):
        before = time.perf_counter()
        render.page(request, "safety/help.html")
        times.append(time.perf_counter() - before)
    print(f"rendering alone: {statistics.median(times) * 1000:.2f} ms for {len(drawn.body)} bytes (Get help now)")


if __name__ == "__main__":
    main()
