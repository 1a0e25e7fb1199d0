"""Evaluation: predictions first, metrics from the file, tables from committed results."""
