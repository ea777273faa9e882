"""Which edition of the simulation this is."""

EDITION = "edition-4"
"""Names the demo's store: change it whenever any number of the simulation changes."""
