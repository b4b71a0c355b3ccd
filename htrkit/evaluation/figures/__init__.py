"""Texts that were read against the truth: rules, errors, intervals, and what one evaluation is."""
