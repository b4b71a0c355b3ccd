"""Networks as Keras models, one architecture a file."""
