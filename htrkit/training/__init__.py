"""Training: architectures, batches, augmentation, the loop, export; the only room that knows Keras."""
