"""How fast the pages are, as ratios to a floor run in the same minute on the same machine."""
