"""A simulated organisation: every number is a function of the seed and the time, and of nothing else."""
