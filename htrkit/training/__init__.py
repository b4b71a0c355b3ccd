"""Training: architectures, batches, augmentation, the loop, export; the only room that knows Keras."""

import os
from pathlib import Path

from htrkit.files import keep_in_cache

keep_in_cache("MPLCONFIGDIR", "matplotlib")  # which Keras imports if it is there
if not Path(os.path.expanduser("~/.keras/keras.json")).exists():  # noqa: PTH111 - Path raises without a home
    keep_in_cache("KERAS_HOME", "keras")

# Of oneDNN, and of PyTorch above it: what they keep for each width of a batch, of which lines have hundreds, took
# gigabytes and saved no time. So much is enough for batches of one width.
for _variable in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
    os.environ.setdefault(_variable, "128")
