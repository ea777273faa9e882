"""What to read next and when: one async engine over the client and the store. No terminal."""
