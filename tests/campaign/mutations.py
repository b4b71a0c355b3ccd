"""What is done to a good input to make it a bad one: one table, by the form of the input."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
from lxml import etree

Mutation = Callable[[Random, bytes], bytes]

WIDTH, HEIGHT = 113, 37
"""Of drawn images: numbers that hardly occur in a file but where it says how large it is."""
EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 100_000, 1 << 24, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62, (1 << 64) - 1)
NUMBERS = (
    *("", "0", "-1", "1", "99", "1e5", "1e999", "-1e999", "nan", "inf", "-inf", "1e-300", "0x10", "1_0", "٣", "½"),
    *("99999999999999999999", "-9223372036854775809", "0.1.2", "1,5", "+", "-", "none", "true", "9" * 5000),
)
ODD_TEXTS = (
    *("\ufeff", "\0", "\x1b[31m", "\u202e", "\u00a0", "\u2028", "\t", "\r", "\n", "\n\n", " ", "é", "e\u0301"),
    *("한", "😀", "\u200d", '"', "'", ",", ";", ":", "=", "..", "*", "%", "{}", "<b>", "\\", "a" * 300, "b" * 5000),
)
ODD_BYTES = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xff\xfe", b"\x80" * 9)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.5, 1e308, -1e308, 1e-300, 1 << 31, 1 << 70, "", "a", "none", "\0", "\ud800"),
    *("../x", "/etc/passwd", "a" * 5000, [], {}, [[]], [None], {"": 0}, ["a"] * 50, "beam:beam_width=0", "nan"),
)
ODD_POINTS = (
    *("0,0", "5,5 5,5 5,5", "-9,-9 99999,-9 99999,99999", "0,0 1e9,1 3,3", "nan,nan 1,2 3,4", "1 2 3", "inf,1 2,2"),
    *("0,0 100000,0 100000,100000 0,100000", " ".join(f"{i},{i % 7}" for i in range(9000))),
)
DOCTYPE = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d SYSTEM "/etc/passwd">]>'


def mutated(rng: Random, forms: tuple[str, ...], data: bytes) -> bytes:
    """The data after one to three mutations, of the forms that they have."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = data or rng.randbytes(8)
        form = rng.choice(forms)
        try:
            data = rng.choice(MUTATIONS[form])(rng, data)
        except Exception:  # it has lost that form already, and is bytes
            data = rng.choice(MUTATIONS["bytes"])(rng, data)
    return data


def _span(rng: Random, data: bytes, longest: int = 64) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randint(1, longest))


def _flip(rng: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    near = rng.choice((64, 512, len(data)))  # headers are a small part of a file, and decide the most
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(min(near, len(data)))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + rng.choice((b"\0", b"\xff", rng.randbytes(1))) * (end - start) + data[end:]


def _cut(rng: Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def _behead(rng: Random, data: bytes) -> bytes:
    return data[rng.randrange(1, 32) :]


def _leave_out(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _repeat(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data, 4096)
    return data[:end] + data[start:end] * rng.randint(1, 20) + data[end:]


def _swap(rng: Random, data: bytes) -> bytes:
    a, b, c, d = sorted(rng.randrange(len(data) + 1) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _insert(rng: Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + rng.randbytes(rng.randint(1, 64)) + data[start:]


def _lie(rng: Random, data: bytes) -> bytes:
    """Another whole number, of whatever width and byte order, somewhere."""
    size, order = rng.choice("HIQ"), rng.choice("<>")
    number = struct.pack(order + size, rng.choice(EXTREMES) % (1 << 8 * struct.calcsize(size)))
    start = rng.randrange(min(rng.choice((64, len(data))), len(data)))
    return data[:start] + number + data[start + len(number) :]


def _lie_of_size(rng: Random, data: bytes) -> bytes:
    """Another number wherever the file has an image's width or height."""
    form = rng.choice(("<H", ">H", "<I", ">I"))
    wanted = struct.pack(form, rng.choice((WIDTH, HEIGHT, WIDTH - 1, HEIGHT - 1)))
    if wanted not in data:
        return _lie(rng, data)
    return data.replace(wanted, struct.pack(form, rng.choice(EXTREMES) % (1 << 8 * struct.calcsize(form))))


def _png_chunks(rng: Random, data: bytes) -> bytes:
    """Chunks in another order, left out, repeated, or with another content, and with checksums that fit."""
    chunks, place = [], 8
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        chunks.append((kind, data[place + 8 : place + 8 + length]))
        place += 12 + length
    i, j = rng.randrange(len(chunks)), rng.randrange(len(chunks))
    deed = rng.randrange(5)
    if deed == 0:
        chunks[i], chunks[j] = chunks[j], chunks[i]
    elif deed == 1:
        del chunks[i]
    elif deed == 2:
        chunks.insert(j, chunks[i])
    elif deed == 3:
        kind = rng.choice((b"tRNS", b"PLTE", b"eXIf", b"iCCP", b"zTXt", b"acTL", b"fcTL", b"gAMA", b"IHDR", b"tEXt"))
        chunks.insert(j, (kind, rng.randbytes(rng.choice((0, 1, 3, 26, 768)))))
    else:
        chunks[i] = (chunks[i][0], mutated(rng, ("bytes",), chunks[i][1]))
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _lines(rng: Random, data: bytes) -> bytes:
    """Lines in another order, left out or repeated."""
    rows = data.splitlines(keepends=True)
    i, j = rng.randrange(len(rows)), rng.randrange(len(rows))
    deed = rng.randrange(4)
    if deed == 0:
        rows[i], rows[j] = rows[j], rows[i]
    elif deed == 1:
        del rows[i]
    elif deed == 2:
        rows[j:j] = [rows[i]] * rng.choice((1, 2, 500))
    else:
        rng.shuffle(rows)
    return b"".join(rows)


def _words(rng: Random, data: bytes) -> bytes:
    """A word or number replaced by an odd one, exchanged for another, or left out."""
    found = list(re.finditer(rb"[\w.+-]+", data))
    one, other = rng.choice(found), rng.choice(found)
    new = rng.choice((rng.choice(NUMBERS).encode(), rng.choice(ODD_TEXTS).encode(), other[0], b""))
    return data[: one.start()] + new + data[one.end() :]


def _odd_text(rng: Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    odd = rng.choice((*(text.encode() for text in ODD_TEXTS), *ODD_BYTES))
    return data[:start] + odd + data[start:]


def _other_encoding(rng: Random, data: bytes) -> bytes:
    return data.decode().encode(rng.choice(("utf-16", "utf-8-sig", "utf-32", "utf-7")))


def _other_ends(rng: Random, data: bytes) -> bytes:
    return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"", b"\n\n", b"\0")))


def _json(rng: Random, data: bytes) -> bytes:
    """One value of JSON, or of a line of JSON, replaced, left out, or put where none was."""
    rows = data.splitlines() if data.count(b"}\n") > 1 and not data.startswith(b"{\n") else [data]
    i = rng.randrange(len(rows))
    holder = {"": json.loads(rows[i])}
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            places.append((value, key))
            walk(value[key])

    walk(holder)
    parent, key = rng.choice(places)
    if isinstance(parent, dict) and parent is not holder and rng.random() < 0.2:
        parent[rng.choice(("", "a", "format", "x" * 300))] = parent.pop(key)
    else:
        value = parent[key]
        near = [value * 2, value + 1, value - 1, -value, float(value)] if type(value) in (int, float) else []
        parent[key] = rng.choice((*ODD_VALUES, *near))
    rows[i] = json.dumps(holder[""], ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return b"\n".join(rows) + b"\n"


def _xml(rng: Random, data: bytes) -> bytes:
    """An element with another name, place, attribute or text, left out, repeated, or deep; or a document type."""
    root = etree.fromstring(data)
    elements = list(root.iter())
    one, other, deed = rng.choice(elements), rng.choice(elements), rng.randrange(8)
    if deed == 0:
        one.getparent().remove(one)
    elif deed == 1:
        copy = deepcopy(one)
        other.extend(deepcopy(copy) for _ in range(rng.choice((1, 2, 200))))
    elif deed == 2:
        one.tag = other.tag
    elif deed == 3:
        one.set(rng.choice([*one.attrib, *other.attrib, "points"]), rng.choice((*NUMBERS, *ODD_TEXTS, *ODD_POINTS)))
    elif deed == 4:
        one.text = rng.choice((*NUMBERS, *ODD_TEXTS, *ODD_POINTS))
    elif deed == 5:
        other.append(deepcopy(one))
        one.getparent().remove(one)
    elif deed == 6:
        for _ in range(rng.choice((1, 20, 500))):
            other = etree.SubElement(other, one.tag)
    else:
        return DOCTYPE + etree.tostring(root)
    return etree.tostring(root, xml_declaration=True, encoding=rng.choice(("utf-8", "utf-16", "iso-8859-1")))


def _arrays(rng: Random, data: bytes) -> bytes:
    """One array of an .npz file with another type, shape or value, missing, of objects, or with a lying header."""
    with np.load(io.BytesIO(data)) as found:
        arrays: dict[str, Any] = dict(found)
    name = rng.choice(list(arrays))
    array, deed = arrays[name], rng.randrange(7)
    if deed == 0:
        del arrays[name]
    elif deed == 1:
        arrays[name] = array.astype(rng.choice(("f2", "f8", "i1", "i8", "u8", "?", "c16", "U3", "S3", "O", "M8[s]")))
    elif deed == 2:
        shapes = ((-1,), (1, -1), (-1, 1), array.shape[::-1], (*array.shape, 1))
        arrays[name] = array.reshape(rng.choice(shapes))
    elif deed == 3:
        arrays[name] = rng.choice((array[:0], array[:-1], np.concatenate([array, array]), array[::-1]))
    elif deed == 4:
        changed = array.copy()
        odd = (
            (np.nan, np.inf, -np.inf, -1, 0, 1, 1e30) if array.dtype.kind == "f" else (-1, 0, 1, 255, 1 << 30, 1 << 62)
        )
        changed.flat[rng.randrange(changed.size)] = np.array(rng.choice(odd)).astype(array.dtype)
        arrays[name] = changed
    elif deed == 5:
        arrays[name] = rng.choice(
            (np.array(rng.choice(ODD_VALUES)), np.zeros(0), np.zeros((3, 0, 5)), np.array("a\0b"))
        )
    file = io.BytesIO()
    np.savez(file, **arrays)
    return _members(rng, file.getvalue(), name) if deed == 6 else file.getvalue()


def _members(rng: Random, data: bytes, name: str) -> bytes:
    """A zip file, one member of which is mutated, and its checksum made to fit."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == f"{name}.npy":
                header, rest = content[:128], content[128:]
                content = rng.choice((mutated(rng, ("bytes", "text"), header) + rest, _cut(rng, content), b""))
            how = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            new.writestr(zipfile.ZipInfo(member), content, how)  # not of today: a number always is the same input
    return file.getvalue()


def _inside(packing: Any, **options: Any) -> Mutation:
    """What is packed is mutated, and packed again."""

    def mutation(rng: Random, data: bytes) -> bytes:
        packed: bytes = packing.compress(mutated(rng, ("text", "bytes"), packing.decompress(data)), **options)
        return packed

    return mutation


MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    "bytes": (_flip, _flip, _overwrite, _cut, _behead, _leave_out, _repeat, _swap, _insert, _lie),
    "size": (_lie_of_size,),
    "png": (_png_chunks,),
    "text": (_lines, _words, _words, _odd_text, _odd_text, _other_encoding, _other_ends),
    "json": (_json,),
    "xml": (_xml,),
    "arrays": (_arrays,),
    "gz": (_inside(gzip, mtime=0),),
    "xz": (_inside(lzma),),
    "bz2": (_inside(bz2),),
}
"""By form; every input is bytes, whatever else it is."""
