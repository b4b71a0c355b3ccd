"""Networks that turn lines into per-frame label probabilities."""
