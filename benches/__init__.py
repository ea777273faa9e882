"""Benches: speed as ratios measured side by side; `make bench` prints a table for docs/benchmarks.md."""
