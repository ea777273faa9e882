"""Text for the eye: numbers, names, columns and charts as plain strings. No Textual."""
