"""Run a network with ONNX Runtime: the default encoder, for htrkit's own networks and for those of other programs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.encoders.input import WIDTH_STEP
from htrkit.encoders.run_limit import RUN_LIMIT
from htrkit.errors import ModelError, PluginError, ShapeError
from htrkit.model import CARD, DESCRIPTION, NETWORK, TRAINABLE, Model
from htrkit.quoting import first_line
from htrkit.threads import cpu_threads
from htrkit.types import Line, LogProbs, Pixels

# Columns of the line on which a network of any width is tried.
TRIAL_WIDTH = 8 * WIDTH_STEP
# Networks of any width may give a frame more than the rule says, at the end of a line.
FURTHER_FRAMES = 1
NO_PROBABILITY = float(np.finfo(np.float32).tiny)
SECONDS_A_LINE = 20.0
"""That the network may take, summed over a batch; a line takes 0.03 on one core."""
Layout = Literal["NHWC", "NCHW", "NWHC", "NCWH", "NHW", "NWH"]
OutputLayout = Literal["NTC", "TNC", "NCT"]
_TOO_LARGE = "needed too much memory"
_NO_MEMORY = re.compile("bad.?alloc|Failed to allocate|Available memory of", re.IGNORECASE)


class OnnxEncoder:
    """Runs ``encoder.onnx``; the options are for networks that differ from those that htrkit trains.

    Parameters
    ----------
    model
        Whose network.
    threads
        CPU threads, 0 for one a core.
    batch_size
        Lines to run through the network at once; 1 if its file says so.
    layout
        The axes of the network's input: lines N, rows H, columns W, channels C.
    channels
        Channels of the input; the grey is the same in each.
    ink, paper
        What black ink and white paper are in the input: one value, or one for each channel.
    beside
        What stands beside a line in the input; none for paper.
    align
        Where a line stands in an input of fixed width; ``fill`` for one that is made as wide, whatever its aspect.
    stretch
        How much wider a line is made than its aspect.
    output
        The name of the output that holds the frames; none for a network that has only one.
    output_layout
        The axes of the output: lines N, frames T, labels C.
    values
        What the output holds.
    blank
        Which label is the blank.
    labels
        Which of the network's labels, counted from 0, the alphabet's characters are; the others are left out, and their
        probability is shared out. None for all but the blank, in their order.
    network
        The network's file in the model's folder.

    Raises
    ------
    ModelError
        If the file is no ONNX network, reads files that the model does not list, or is not what ``model.json`` and the
        options say; it is tried on a line.
    """

    def __init__(
        self,
        model: Model,
        threads: int,
        *,
        batch_size: int = 16,
        layout: Layout = "NHWC",
        channels: int = 1,
        ink: float | tuple[float, ...] = 1.0,
        paper: float | tuple[float, ...] = 0.0,
        beside: float | None = None,
        align: Literal["centre", "left", "fill"] = "centre",
        stretch: float = 1.0,
        output: str | None = None,
        output_layout: OutputLayout = "NTC",
        values: Literal["log-probs", "logits", "probabilities"] = "log-probs",
        blank: Literal["first", "last"] = "first",
        labels: tuple[int, ...] | None = None,
        network: str = NETWORK,
    ) -> None:
        self.model, self.threads, self.batch_size = model, cpu_threads(threads), max(1, batch_size)
        if not 0.1 <= stretch <= 10.0:
            raise self._refused(f"its encoder's option stretch is {stretch}, but 0.1 to 10 are possible")
        self.rule = replace(model.input_rule, align=align, stretch=stretch)
        self._layout, self._channels = layout, channels
        self._ink, self._paper = self._per_channel("ink", ink), self._per_channel("paper", paper)
        self._beside = self._paper if beside is None else beside
        self._output_layout, self._values, self._blank = output_layout, values, blank
        self._endless = False
        self._session = self._loaded(Path(network).name)
        self._input, self._output = self._checked_input(), self._checked_output(output)
        self._columns: list[int] | None = None
        self._columns = self._checked_columns(labels, self._try())

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order, without padding frames."""
        encoded: list[LogProbs] = [np.zeros((0, 0), np.float32)] * len(lines)

        def run(bucket: tuple[int, list[int]]) -> None:
            width, members = bucket
            found = self._run([lines[i].pixels for i in members], width)
            for i, log_probs in zip(members, found, strict=True):
                frames = self.rule.frames(self.rule.input_width(*lines[i].pixels.shape))
                encoded[i] = np.ascontiguousarray(log_probs[:frames])

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, self._buckets(lines)))
        return encoded

    def frame_edges(self, line: Line) -> NDArray[np.float64]:
        """(frames + 1,): where each frame of a line begins and the last one ends, x in the line's pixels."""
        return self.rule.frame_edges(*line.pixels.shape)

    def _buckets(self, lines: Sequence[Line]) -> Iterator[tuple[int, list[int]]]:
        """Batches of one padded width, wide ones first: narrow ones then fill up the threads' time at the end. The
        width, and the places of the lines.
        """
        buckets: dict[int, list[int]] = {}
        for i, line in enumerate(lines):
            buckets.setdefault(self.rule.padded_width(*line.pixels.shape), []).append(i)
        for width, members in sorted(buckets.items(), reverse=True):
            for start in range(0, len(members), self.batch_size):
                yield width, members[start : start + self.batch_size]

    def network_input(self, pixels: Pixels) -> NDArray[np.float32]:
        """What the network is given of one line, in its own layout."""
        return self._given([pixels], self.rule.padded_width(*pixels.shape))

    def _run(self, images: Sequence[Pixels], width: int) -> NDArray[np.float32]:
        """(lines, frames, labels): ``log_probs`` of images in inputs of one width."""
        return self._log_probs(self._scores(self._given(images, width)), width)

    def _given(self, images: Sequence[Pixels], width: int) -> NDArray[np.float32]:
        batch = np.empty((len(images), self.rule.height, width, self._channels), np.float32)
        batch[:] = self._beside
        for row, pixels in zip(batch, images, strict=True):
            ink = self.rule.scaled(pixels)[:, :, None]
            row[self.rule.box(*pixels.shape)] = self._paper + (self._ink - self._paper) * ink
        return np.ascontiguousarray(np.einsum(f"NHWC->{self._layout}", batch))

    def _scores(self, given: NDArray[np.float32]) -> Any:
        """What the network gives. It is stopped when it takes too long, and not run again."""
        with RUN_LIMIT.seconds(SECONDS_A_LINE * len(given)) as run:
            try:
                if not self._endless:
                    return self._session.run([self._output], {self._input: given}, run)[0]
            except Exception as error:  # ONNX Runtime raises classes of its own that share no other base
                self._endless = self._endless or run.terminate
                if not self._endless:
                    raise (PluginError(_TOO_LARGE) if _NO_MEMORY.search(str(error)) else error) from error
        raise PluginError(f"took longer than {SECONDS_A_LINE:g} s a line, and was stopped")

    def _log_probs(self, output: Any, width: int) -> NDArray[np.float32]:
        if not isinstance(output, np.ndarray) or output.ndim != 3:
            raise self._refused("the network is not one that gives frames of labels")
        scores = np.einsum(f"{self._output_layout}->NTC", output)
        frames, wanted = scores.shape[1], self.rule.frames(width)
        if not wanted <= frames <= wanted + (0 if self.rule.width else FURTHER_FRAMES):
            raise self._refused(f"the network gives {frames} frames for {width} columns, model.json says {wanted}")
        if self._columns:
            scores = scores[:, :, self._columns]
        elif self._blank == "last":
            scores = np.roll(scores, 1, axis=2)
        if self._values == "probabilities":
            scores = np.maximum(scores, NO_PROBABILITY)
            np.log(scores, out=scores)
        if self._columns or self._values == "logits":
            scores = scores - scores.max(axis=2, keepdims=True)
            scores = scores - np.log(np.exp(scores).sum(axis=2, keepdims=True))
        return np.asarray(scores, np.float32)

    def _loaded(self, network: str) -> onnxruntime.InferenceSession:
        _limit_memory()
        settings = onnxruntime.SessionOptions()
        settings.add_session_config_entry("session.use_env_allocators", "1")
        # one thread a batch, and batches side by side: that keeps the cores busier than sharing out one batch's work
        settings.intra_op_num_threads = 1
        settings.log_severity_level = 4  # what goes wrong is raised, in one sentence
        # A network may name files with its weights. Given the model's own files, ONNX Runtime opens no other.
        names = [network, *(name for name in self.model.checksums if name not in (network, TRAINABLE, CARD))]
        files = [self.model.file(name) for name in names]
        settings.add_external_initializers_from_files_in_memory(names, files, list(map(len, files)))
        try:
            return onnxruntime.InferenceSession(files[0], settings, providers=["CPUExecutionProvider"])
        except Exception as error:
            elsewhere = re.search(r"External file: (.*) not found", str(error))
            if elsewhere:
                raise self._refused(f"{elsewhere[1]} is not among the files in {DESCRIPTION}: not opened") from error
            raise self._refused(f"the network cannot be loaded: {_why(error)}") from error

    def _checked_input(self) -> str:
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != len(self._layout):
            raise self._refused(f"the network is not one that takes images alone, with the axes {self._layout}")
        sizes = {"C": 1} | dict(zip(self._layout, inputs[0].shape, strict=True))
        if sizes["N"] == 1:
            self.batch_size = 1
        wanted = {"H": self.rule.height, "W": self.rule.width, "C": self._channels}
        if any(isinstance(sizes[axis], int) and sizes[axis] != size for axis, size in wanted.items()):
            raise self._refused(
                f"the network wants images of {sizes['H']} x {sizes['W']} x {sizes['C']}, model.json says "
                f"{self.rule.height} x {self.rule.width or 'any'} x {self._channels}"
            )
        return str(inputs[0].name)

    def _checked_output(self, name: str | None) -> str:
        names = [output.name for output in self._session.get_outputs()]
        if name is None and len(names) == 1:
            return str(names[0])
        if name is None or name not in names:
            asked = "its encoder's option output must name one" if name is None else f"there is no {name!r}"
            raise self._refused(f"the network has the outputs {', '.join(names)}: {asked}")
        return name

    def _try(self) -> int:
        """How many labels the network has; whether it gives what model.json and the options say is found out first."""
        columns = int((self.rule.width or TRIAL_WIDTH) / self.rule.stretch)
        black_to_white = np.linspace(np.zeros(self.rule.height), 255, columns, axis=1).astype(np.uint8)
        try:
            (log_probs,) = self._run([black_to_white], self.rule.padded_width(*black_to_white.shape))
            ctc.probabilities(ctc.check(log_probs))
        except ShapeError as error:
            raise self._refused(f"the network does not give {self._values}: {error}") from error
        except ModelError:
            raise
        except Exception as error:
            raise self._refused(f"the network fails on a line: {_why(error)}") from error
        return len(log_probs[0])

    def _checked_columns(self, labels: tuple[int, ...] | None, n_labels: int) -> list[int] | None:
        """The columns of the network's output that are the alphabet's labels, the blank first; None for all of them."""
        needed, blank = self.model.alphabet.n_labels, 0 if self._blank == "first" else n_labels - 1
        if labels is None and n_labels != needed:
            raise self._refused(
                f"the network gives {n_labels} labels, the alphabet needs {needed}: they do not belong together"
            )
        if labels is None:
            return None
        if len(labels) != needed - 1 or len({*labels, blank} & set(range(n_labels))) != needed:
            raise self._refused(
                f"its encoder's option labels must name {needed - 1} of the network's {n_labels} labels, none of them "
                f"twice, and not the blank, {blank}"
            )
        return [blank, *labels]

    def _per_channel(self, name: str, value: float | tuple[float, ...]) -> NDArray[np.float32]:
        values = np.atleast_1d(np.asarray(value, np.float32))
        if len(values) not in (1, self._channels):
            raise self._refused(f"its encoder's option {name} has {len(values)} values for {self._channels} channels")
        return values

    def _refused(self, why: str) -> ModelError:
        return ModelError(f"model {self.model.folder}: {why}")


def _why(error: Exception) -> str:
    """What an exception says, in its first line."""
    said = first_line(error)
    return _TOO_LARGE if isinstance(error, MemoryError) or _NO_MEMORY.search(said) else said


@cache
def _limit_memory() -> None:
    """Let all networks of this process together have half of the machine's memory for their numbers, and no more."""
    if hasattr(os, "sysconf"):
        most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
        kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
        place = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
        onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg({"max_mem": most}))
