"""The floor: bare Starlette, one raw query of twelve rows on a pooled connection, and as many bytes as asked for."""

import os

from psycopg_pool import ConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

pool = ConnectionPool(os.environ["BENCH_FLOOR"], min_size=10, max_size=10, kwargs={"autocommit": True}, open=True)


def page(request: Request) -> HTMLResponse:
    size = int(request.path_params["size"])
    with pool.connection() as connection:
        rows = connection.execute("select n, 'row ' || n from generate_series(1, 12) as n").fetchall()
    text = "".join(f"<p>{number}: {words}</p>" for number, words in rows)
    return HTMLResponse(text.ljust(size, "."))


app = Starlette(routes=[Route("/{size:int}", page)])
