"""Pages with their lines, read once and kept small; and the crops of a step, which depend on its number alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from htrkit.errors import InputError
from htrkit.pages.sources import Sources
from htrkit.progress import Progress
from htrkit.training.pages.crops import Grey, draw_crop, fixed_crop
from htrkit.training.pages.segmenter_settings import SegmenterSettings
from htrkit.training.pages.targets import Maps
from htrkit.training.pages.truth import PageTruth, page_truth
from htrkit.types import Failed

# Without pages to validate on, every so many pages are kept for that.
KEPT_ASIDE = 10
# Where crops to validate on lie, as shares of the page's width and height.
LOOKED_AT = ((0.45, 0.3), (0.55, 0.7))


@dataclass(frozen=True, slots=True)
class PageData:
    """The pages to train on, those that are mixed in, and those to validate on."""

    own: list[PageTruth]
    mixed: list[PageTruth]
    valid: list[PageTruth]


def read_pages(settings: SegmenterSettings, progress: Progress) -> PageData:
    """Read all pages.

    Raises
    ------
    InputError
        If there is no page with lines to train or to validate on.
    """
    own, mixed = _read(settings.pages, progress), _read(settings.mix, progress, complete=True)
    valid = _read(settings.valid, progress) if settings.valid else own[::KEPT_ASIDE]
    if not settings.valid:
        own = [page for i, page in enumerate(own) if i % KEPT_ASIDE]
    if not own or not valid:
        raise InputError(f"no page to {'validate' if own else 'train'} on says where its lines are")
    return PageData(own, mixed, valid)


def draw_batch(data: PageData, settings: SegmenterSettings, epoch: int, step: int) -> tuple[Grey, Maps]:
    """Ink and targets of a step's crops."""
    rng = np.random.default_rng((settings.seed, epoch, step))
    crops = []
    for _ in range(settings.batch_size):
        pages = data.mixed if data.mixed and rng.random() < settings.mix_share else data.own
        # a page of many lines, such as a table, has more to teach
        often = np.sqrt([len(page.lines) for page in pages])
        crops.append(draw_crop(pages[int(rng.choice(len(pages), p=often / often.sum()))], settings.size, rng))
    return np.stack([ink for ink, _ in crops]), np.stack([maps for _, maps in crops])


def valid_batches(data: PageData, settings: SegmenterSettings) -> list[tuple[Grey, Maps]]:
    """The crops to validate on, as they are."""
    crops = [fixed_crop(page, settings.size, x, y) for page in data.valid for x, y in LOOKED_AT]
    batches = [crops[i : i + settings.batch_size] for i in range(0, len(crops), settings.batch_size)]
    return [(np.stack([ink for ink, _ in batch]), np.stack([maps for _, maps in batch])) for batch in batches]


def _read(paths: Sequence[str], progress: Progress, *, complete: bool = False) -> list[PageTruth]:
    sources = Sources()
    files = sources.files(paths)
    progress.begin("reading pages", len(files), "pages")
    found: list[PageTruth] = []
    for page in sources.pages(files):
        progress.done()
        if isinstance(page, Failed):
            progress.note(f"left out: {page}")
        elif truth := page_truth(page, complete=complete):
            found.append(truth)
    return found
