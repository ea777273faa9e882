"""Frozen values that every layer shares: tokens, money, buckets and windows, dimensions, scopes. No I/O."""
