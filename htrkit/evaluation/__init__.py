"""Evaluation: how well lines were read."""
