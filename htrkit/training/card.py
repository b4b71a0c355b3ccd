"""The model card: what a model was trained on, how, and how well it reads."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import keras

from htrkit.errors import HtrkitError
from htrkit.model import CARD, NETWORK, TRAINABLE, Model
from htrkit.model_spec import model_spec
from htrkit.training.checkpoints import RunState
from htrkit.training.history import MEAN, by_group
from htrkit.training.quantizing import WORSE
from htrkit.training.settings import TrainSettings

BEFORE = """
So it read, in its best epoch, before it was trained anew with the validation data too, which measures nothing any more.
"""
LONGEST_CARD = 1 << 20
"""Characters of a card that are looked at; it may be a stranger's."""
NUMBERS = f"| numbers | 8-bit integers in `{NETWORK}`, whose CER is at most {WORSE:.1%} above that of the floats |\n"


def base_facts(base: Model) -> dict[str, str]:
    """What a model keeps of the one that it began from: its ``name``, ``sha256`` and ``terms`` for the card, and its
    ``decoder``, unless that needs files of its folder.
    """
    try:
        with (base.folder / CARD).open(encoding="utf-8") as file:
            text = file.read(LONGEST_CARD)
    except (OSError, UnicodeDecodeError):
        text = ""
    found = re.search(r"^## (?:Terms|Licen[cs]e)[^\n]*\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    facts = {"name": base.name, "sha256": base.checksums.get(TRAINABLE, ""), "terms": found[1].strip() if found else ""}
    with contextlib.suppress(HtrkitError):
        model_spec(replace(base, folder=base.folder / TRAINABLE), "decoder", base.decoder)  # nothing is in that folder
        facts["decoder"] = base.decoder
    return facts


def card(
    model: Model,
    settings: TrainSettings,
    state: RunState,
    parameters: int,
    *,
    in_integers: bool = False,
    refits: Sequence[RunState] = (),
) -> str:
    """The card as Markdown; the terms of the data are left for the author, those of the base are quoted.

    ``state`` has the figures; the network then is the average of ``refits``, which have learnt from the validation data
    too, if there are any.
    """
    best = state.best
    held_out = (
        ", ".join(settings.valid)
        if settings.valid
        else f"{settings.valid_fraction:.0%} of the training data"
        + (f", whole groups of `{settings.valid_by}`" if settings.valid_by else "")
    )
    anew = f"; then {settings.refit} x {state.epoch} anew, with the validation data too, averaged" if refits else ""
    hours = sum(one.seconds for one in (state, *refits)) / 3600
    rule = model.input_rule
    return f"""# {model.name}

A handwriting recogniser for htrkit, trained with `htrkit train`.

| | |
|---|---|
| architecture | `{model.architecture}`, {parameters:,} parameters |
| input | {rule.width or "any"} x {rule.height} pixels, grey, after: {", ".join(model.preprocess) or "nothing"} |
| output | {len(model.alphabet)} characters and the blank |
| training data | {", ".join([*settings.data, *settings.mix])} |
| validation data | {held_out} |
| epochs | {state.epoch}, the best of them {state.best_epoch}{anew} |
| time | {hours:.1f} hours |
| backend | Keras {keras.__version__} on {keras.config.backend()} |
| settings | batch {settings.batch_size}, learning rate {settings.learning_rate:g}, seed {settings.seed} |
{_base_row(settings, state)}{NUMBERS if in_integers else ""}| date | {datetime.now(UTC).date().isoformat()} |

## How well it reads

On the validation data, best path, as `training/history.csv` has it: CER {best["valid_cer"]:.2%}, \
WER {best["valid_wer"]:.2%}, {best["valid_exact"]:.1%} of the lines exact. \
{_by_group(settings, best)}The validation data chose the epoch; for a figure on data that chose nothing, \
run `htrkit evaluate` on a test set.
{BEFORE if refits else ""}
## Characters

```
{model.alphabet.characters}
```

## Terms

Those of the training data: the author of this model has to name them here before passing it on.
{_base_terms(settings, state)}"""


def _by_group(settings: TrainSettings, row: dict[str, float]) -> str:
    cers = by_group(row)
    return f"CER by `{settings.valid_group}`: {cers}; their mean, {row[MEAN]:.2%}, chose the epoch. " if cers else ""


def _base_row(settings: TrainSettings, state: RunState) -> str:
    if settings.start_from is None:
        return ""
    base = state.base or {"name": settings.start_from, "sha256": "unknown"}
    return f"| began from | {base['name']}, whose `{TRAINABLE}` has the SHA-256 {base['sha256']} |\n"


def _base_terms(settings: TrainSettings, state: RunState) -> str:
    """A model that began from another is derived from it: it has no more freedom than that one."""
    if settings.start_from is None:
        return ""
    name, terms = (state.base["name"], state.base["terms"]) if state.base else (settings.start_from, "")
    if not terms:
        return f"\nAlso those of `{name}`, from which it began, but whose card names none: ask for them first.\n"
    quoted = "\n".join(f"> {line}".rstrip() for line in terms.splitlines())
    return f"\nAlso those of `{name}`, from which it began:\n\n{quoted}\n"
