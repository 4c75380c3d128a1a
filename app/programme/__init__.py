"""The course: pathways, steps, modules, worksheets and decisions; content.py reads modules_content/."""
