"""A stranger's package of decoders that misbehave in every way we could think of."""

from __future__ import annotations

SOURCE = '''
import os
import time

from htrkit import Component, Hypothesis, hookimpl
from htrkit.alphabet import Alphabet

NAMES = ["good", "raises", "raises-on-b", "hangs", "hangs-on-b", "crashes-on-b", "nonsense", "nan", "prints", "slow",
         "slow-start", "leaves", "empty", "cannot-be-made", "short-batch", "exits-on-b", "ends-on-b", "interrupts-on-b",
         "compiles", "eats-on-b", "eats-slowly", "floods", "starts-on-b"]


@hookimpl
def htrkit_decoders():
    classes = {name: "".join(part.title() for part in name.split("-")) for name in NAMES}
    return [Component(name, "a stranger's", f"acme_htr:{attribute}") for name, attribute in classes.items()]


def best_path(log_probs):
    text, before = "", 0
    for label in log_probs.argmax(axis=1).tolist():
        if label not in (0, before):
            text += "ab"[label - 1]
        before = label
    return text


class Good:
    """Best path, one line at a time.

    Parameters
    ----------
    suffix
        What to add to every text.
    width
        Does nothing.
    """

    def __init__(self, alphabet, *, suffix: str = "", width: int = 1):
        self.suffix, self.width = suffix, width

    def decode(self, log_probs, *, n_best=1):
        text = best_path(log_probs)
        self.look(text)
        return [Hypothesis(text + self.suffix, 0.0), Hypothesis(text + self.suffix + "x", -1.0)][:n_best]

    def look(self, text):
        pass


class Raises(Good):
    def look(self, text):
        raise ValueError("no idea\\nwhatsoever")


class RaisesOnB(Good):
    def look(self, text):
        if "b" in text:
            raise ValueError("b is not for me")


class Hangs(Good):
    def look(self, text):
        time.sleep(3600)


class HangsOnB(Good):
    def look(self, text):
        if "b" in text:
            time.sleep(3600)


class CrashesOnB(Good):
    def look(self, text):
        if "b" in text:
            os.abort()


class ExitsOnB(Good):
    def look(self, text):
        if "b" in text:
            print("b is the end of me", flush=True)
            os._exit(7)


class Enough(BaseException):
    pass


class EndsOnB(Good):
    def look(self, text):
        if "b" in text:
            raise Enough("of b")


class InterruptsOnB(Good):
    def look(self, text):
        if "b" in text:
            raise KeyboardInterrupt


class Compiles(Good):
    ready = False

    def look(self, text):
        if not self.ready:
            time.sleep(1.2)
            self.ready = True
        if "b" in text:
            time.sleep(3600)


class EatsOnB(Good):
    def look(self, text):
        eaten = []
        while "b" in text:
            eaten.append(bytearray(1 << 26))


class EatsSlowly(Good):
    """As where the memory is large.

    Parameters
    ----------
    on
        What it eats on.
    """

    def __init__(self, alphabet, *, on: str = ""):
        super().__init__(alphabet)
        self.on = on

    def look(self, text):
        if self.on in text:
            time.sleep(1.5)
            raise MemoryError


class Floods(Good):
    def look(self, text):
        while True:
            print("x" * 100_000, end="")


class StartsOnB(Good):
    def __init__(self, alphabet, *, file: str):
        super().__init__(alphabet)
        self.file = file

    def look(self, text):
        if "b" in text:
            import subprocess

            process = subprocess.Popen(["sleep", "3600"])
            with open(self.file, "w") as file:
                file.write(str(process.pid))
            process.wait()


class Nonsense(Good):
    def decode(self, log_probs, *, n_best=1):
        return best_path(log_probs)


class Nan(Good):
    def decode(self, log_probs, *, n_best=1):
        return [Hypothesis(best_path(log_probs), float("nan"))]


class Prints(Good):
    def look(self, text):
        print("I read", text, flush=True)


class Slow(Good):
    def look(self, text):
        time.sleep(0.6)


class SlowStart(Good):
    def __init__(self, alphabet):
        super().__init__(alphabet)
        time.sleep(1)


class Leaves(Good):
    def look(self, text):
        raise SystemExit(3)


class Empty(Good):
    def decode(self, log_probs, *, n_best=1):
        return []


class CannotBeMade(Good):
    def __init__(self, alphabet):
        raise OSError("where is my lexicon?")


class ShortBatch(Good):
    def decode_batch(self, log_probs, *, n_best=1, threads=1):
        return [self.decode(line, n_best=n_best) for line in log_probs[1:]]
'''
