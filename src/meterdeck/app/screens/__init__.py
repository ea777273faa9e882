"""The screens: each lays out, binds, and turns messages into questions for the store."""
