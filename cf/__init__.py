"""Collaborative filtering: factors from interactions, simple recommenders, the candidate ranker."""
