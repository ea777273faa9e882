"""The deck: one screen, cut by what its keys do: reading, scoping, timing, moving."""
