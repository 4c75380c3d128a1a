"""How somebody feels, as a number at a moment, and what belongs to it."""
