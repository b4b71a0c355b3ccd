"""Decoders: one algorithm a file, each turning ``log_probs`` into hypotheses."""
