/** Edits of a page: each takes a page and gives another, so that every one of them can be undone. */

import { around, bounds, centre, clipped, direction, hull, inside, nearest, onPage, usualReach } from "./geometry.js";

export const newId = () => `l_${Math.random().toString(36).slice(2, 10).padEnd(8, "0")}`;

export const lineOf = (page, id) => page.lines.find((line) => line.id === id) ?? null;
export const indexOf = (page, id) => page.lines.findIndex((line) => line.id === id);

const withLines = (page, lines) => ({ ...page, lines });

export function changed(page, id, changes) {
  return withLines(page, page.lines.map((line) => (line.id === id ? { ...line, ...changes } : line)));
}

/** The text is a person's from now on. */
export const withText = (page, id, text) => changed(page, id, { text, state: "corrected" });

export const finished = (page, value) => ({ ...page, finished: value });

export const removed = (page, id) => withLines(page, page.lines.filter((line) => line.id !== id));

/** The line comes `by` places later (or earlier, below zero) in reading order. */
export function reordered(page, id, by) {
  const from = indexOf(page, id);
  const to = Math.max(0, Math.min(page.lines.length - 1, from + by));
  const lines = page.lines.filter((line) => line.id !== id);
  lines.splice(to, 0, page.lines[from]);
  return to === from ? page : withLines(page, lines);
}

export function withPoint(page, id, kind, index, point) {
  const points = lineOf(page, id)[kind].map((old, place) => (place === index ? onPage(point, page) : old));
  return changed(page, id, { [kind]: points, words: [] });
}

/** A point more, on the nearest edge. */
export function withNewPoint(page, id, kind, point) {
  const points = [...lineOf(page, id)[kind]];
  points.splice(nearest(point, points, kind === "polygon").after + 1, 0, onPage(point, page));
  return changed(page, id, { [kind]: points });
}

/** A point more, halfway to the next one, or, from the last of a base line, to the one before. */
export function withPointAfter(page, id, kind, index) {
  const points = lineOf(page, id)[kind];
  const last = kind === "baseline" && index === points.length - 1;
  const [from, to] = [points[index], points[last ? index - 1 : (index + 1) % points.length]];
  const middle = onPage([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], page);
  return changed(page, id, { [kind]: points.toSpliced(last ? index : index + 1, 0, middle) });
}

/** A point less; an outline keeps three, a base line two. */
export function withoutPoint(page, id, kind, index) {
  const points = lineOf(page, id)[kind];
  if (points.length <= (kind === "polygon" ? 3 : 2)) return page;
  return changed(page, id, { [kind]: points.filter((_, place) => place !== index), words: [] });
}

export function moved(page, id, dx, dy) {
  const line = lineOf(page, id);
  const shifted = (points) => points.map(([x, y]) => onPage([x + dx, y + dy], page));
  return changed(page, id, { polygon: shifted(line.polygon), baseline: shifted(line.baseline), words: [] });
}

/** A line drawn by its base line, put where it belongs in reading order. */
export function drawn(page, id, baseline) {
  const { above, below } = usualReach(page.lines, page.height);
  const run = baseline.map((point) => onPage(point, page));
  const polygon = around(run, above, below).map((point) => onPage(point, page));
  const region = page.regions.find((one) => inside(centre(run), one.polygon))?.id ?? page.regions[0]?.id ?? "";
  const line = { id, region, polygon, baseline: run, text: "", state: "empty", confidence: null, words: [] };
  const lines = [...page.lines];
  const middle = centre(run)[1];
  const next = lines.findIndex((one) => one.region === region && centre(one.polygon)[1] > middle);
  lines.splice(next < 0 ? lines.length : next, 0, line);
  return withLines(page, lines);
}

/** Two lines where one was, parted at a point; its text is parted at the space that is nearest. */
export function split(page, id, at, secondId) {
  const line = lineOf(page, id);
  const towards = direction(line);
  const part = (side) => ({
    polygon: clipped(line.polygon, true, at, towards, side).map((point) => onPage(point, page)),
    baseline: clipped(line.baseline, false, at, towards, side).map((point) => onPage(point, page)),
    words: [],
  });
  const [before, behind] = [part(-1), part(1)];
  if (before.polygon.length < 3 || behind.polygon.length < 3) return page;
  const cut = textCut(line, at, towards);
  const texts = [line.text.slice(0, cut).trim(), line.text.slice(cut).trim()];
  const lines = page.lines.flatMap((one) =>
    one.id === id ? [{ ...line, ...before, text: texts[0] }, { ...line, ...behind, id: secondId, text: texts[1] }] : [one],
  );
  return withLines(page, lines);
}

function textCut(line, at, towards) {
  const { left, right } = bounds(line.polygon);
  const share = (at[0] - left) / (right - left || 1);
  const placed = (line.words ?? []).filter((word) => word.polygon?.length);
  if (placed.length) {
    const behind = placed.find((word) => {
      const [x, y] = centre(word.polygon);
      return (x - at[0]) * towards[0] + (y - at[1]) * towards[1] > 0;
    });
    return behind ? behind.start : line.text.length;
  }
  const wanted = Math.round(share * line.text.length);
  const spaces = [...line.text.matchAll(/\s/g)].map((space) => space.index);
  return spaces.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? wanted;
}

/** One line where two were; it keeps the first one's id and place in the order. */
export function merged(page, firstId, secondId) {
  const [first, second] = [lineOf(page, firstId), lineOf(page, secondId)];
  const states = [first.state, second.state];
  const line = {
    ...first,
    polygon: hull([...first.polygon, ...second.polygon]),
    baseline: joined(first.baseline, second.baseline),
    text: [first.text, second.text].filter(Boolean).join(" "),
    state: states.includes("corrected") ? "corrected" : states.includes("read") ? "read" : "empty",
    words: [],
  };
  return withLines(page, page.lines.filter(({ id }) => id !== secondId).map((one) => (one.id === firstId ? line : one)));
}

function joined(first, second) {
  if (!first.length || !second.length) return first.length ? first : second;
  const before = centre(first)[0] <= centre(second)[0];
  return before ? [...first, ...second] : [...second, ...first];
}
