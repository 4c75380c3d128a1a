"""Pathways of the library as a service has them in use, without the two people it takes to publish one."""

from app.kit.work import Work
from app.pathways import publishing_actions, version_queries
from app.programme.content import Library
from app.programme.tables import PathwayVersion


def in_use(work: Work, *, library: Library, key: str) -> PathwayVersion:
    """A pathway of the library, put into use as it reads; again only where it reads otherwise than before."""
    before = version_queries.newest(work, key)
    if before and before.retired_at is None:
        _, digest = version_queries.as_adopted(library.pathways[key], library, before.version)
        if digest == before.hash:
            return before
    number = before.version + 1 if before else 1
    pathway, _ = version_queries.as_adopted(library.pathways[key], library, number)
    return publishing_actions.new_version(work, pathway=pathway)
