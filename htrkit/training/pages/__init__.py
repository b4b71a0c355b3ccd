"""Training of the network that finds lines on pages."""
