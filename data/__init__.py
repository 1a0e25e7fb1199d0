"""What is known about items and who chose them: catalogues, interactions, splits, readers."""
