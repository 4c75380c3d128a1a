"""Tools that know nothing of CBT: the database, a piece of work, audit, forms, pages, errors, sealing."""
