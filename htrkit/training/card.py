"""The model card: what a model was trained on, how, and how well it reads."""

from __future__ import annotations

from datetime import UTC, datetime

import keras

from htrkit.model import Model
from htrkit.training.checkpoints import RunState
from htrkit.training.settings import TrainSettings


def card(model: Model, settings: TrainSettings, state: RunState, parameters: int) -> str:
    """The card as Markdown; terms and intended use are left for the author, and say so."""
    best = state.history[state.best_epoch - 1]
    held_out = (
        ", ".join(settings.valid)
        if settings.valid
        else f"{settings.valid_fraction:.0%} of the training data"
        + (f", whole groups of `{settings.valid_by}`" if settings.valid_by else "")
    )
    rule = model.input_rule
    return f"""# {model.name}

A handwriting recogniser for htrkit, trained with `htrkit train`.

| | |
|---|---|
| architecture | `{model.architecture}`, {parameters:,} parameters |
| input | {rule.width or "any"} x {rule.height} pixels, grey, after: {", ".join(model.preprocess) or "nothing"} |
| output | {len(model.alphabet)} characters and the blank |
| training data | {", ".join(settings.data)} |
| validation data | {held_out} |
| epochs | {state.epoch}, the best of them {state.best_epoch} |
| time | {state.seconds / 3600:.1f} hours |
| backend | Keras {keras.__version__} on {keras.config.backend()} |
| settings | batch {settings.batch_size}, learning rate {settings.learning_rate:g}, seed {settings.seed} |
| date | {datetime.now(UTC).date().isoformat()} |

## How well it reads

On the validation data, best path, as `training/history.csv` has it: CER {best["valid_cer"]:.2%}, \
WER {best["valid_wer"]:.2%}, {best["valid_exact"]:.1%} of the lines exact. \
The validation data chose the epoch; for a figure on data that chose nothing, run `htrkit evaluate` on a test set.

## Characters

```
{model.alphabet.characters}
```

## Terms

Those of the training data: the author of this model has to name them here before passing it on.
"""
