"""Training: architectures, batches, augmentation, the loop, export; the only room that knows Keras."""

import os
from pathlib import Path

from htrkit.files import keep_in_cache

keep_in_cache("MPLCONFIGDIR", "matplotlib")  # which Keras imports if it is there
if not Path(os.path.expanduser("~/.keras/keras.json")).exists():  # noqa: PTH111 - Path raises without a home
    keep_in_cache("KERAS_HOME", "keras")
