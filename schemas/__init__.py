"""What both sides agree on: records, the vocabulary, errors, the line format and the readable form of text."""
