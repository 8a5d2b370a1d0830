"""From annotated abstracts to the shipped weights: ``python -m extractors.training GOLD_DIR``; not for run time."""
