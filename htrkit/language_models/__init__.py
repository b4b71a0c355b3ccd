"""n-gram language models: counted, smoothed, written as ARPA, and a character model in flat arrays."""
