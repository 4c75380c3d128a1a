"""How a service's pathways come to be: drafts, what can be proved of them, publishing by two, what-if and moving."""
