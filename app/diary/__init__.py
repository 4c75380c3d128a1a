"""Activities that repeat: planned once, said done or not day by day, with how it felt."""
