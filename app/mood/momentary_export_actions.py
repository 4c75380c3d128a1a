"""Writing a whole service's prompts to a file, which is recorded as any look at a patient's answers is."""

from app.kit.work import Work
from app.mood import momentary_export_queries as queries
from app.mood.momentary_queries import of_service


def export(work: Work, *, with_words: bool) -> str:
    """Every prompt of every patient as CSV. What patients wrote only where it is asked for."""
    several = of_service(work)
    text = queries.as_csv(queries.rows(work, several, with_words=with_words))
    work.record("momentary.exported", assignments=len(several), with_words=with_words)
    return text
