/**
 * Undo and redo of a page, kept in the browser: each window has its own, which survives a reload; a new window begins
 * with what the last one left.
 */

const MOST = 200; // steps
const TOGETHER = 1200; // milliseconds within which typing in one line is one step

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const kept = (line) => line && { ...line, words: [] };
const whole = (points) => points.map((point) => point.map(Math.round));

/** What of a line a step is about; a server may round points and trim texts. */
const bare = (line) =>
  line && { text: line.text.trim(), state: line.state, polygon: whole(line.polygon), baseline: whole(line.baseline) };

/** What differs between two states of a page. */
export function difference(before, after) {
  const [old, now] = [before, after].map((page) => new Map(page.lines.map((line) => [line.id, line])));
  const lines = {};
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    if (!same(bare(old.get(id)), bare(now.get(id)))) lines[id] = [kept(old.get(id)) ?? null, kept(now.get(id)) ?? null];
  }
  const orders = [before, after].map((page) => page.lines.map((line) => line.id));
  const step = { lines };
  if (!same(...orders)) step.orders = orders;
  if (before.finished !== after.finished) step.finished = [before.finished, after.finished];
  return step;
}

/** The page with a step taken back (`to` 0) or done again (`to` 1); null if the page is no longer as the step left it. */
export function stepped(page, step, to) {
  const lines = new Map(page.lines.map((line) => [line.id, line]));
  for (const [id, sides] of Object.entries(step.lines)) {
    if (!same(bare(lines.get(id)) ?? null, bare(sides[1 - to]))) return null;
    if (sides[to]) lines.set(id, { ...lines.get(id), ...sides[to] });
    else lines.delete(id);
  }
  let ids = page.lines.map((line) => line.id);
  if (step.orders) {
    const others = ids.filter((id) => !step.orders[1 - to].includes(id));
    ids = [...step.orders[to], ...others];
  }
  const finished = step.finished ? step.finished[to] : page.finished;
  return { ...page, finished, lines: ids.filter((id) => lines.has(id)).map((id) => lines.get(id)) };
}

export class History {
  constructor(key) {
    this.key = key;
    this.steps = [];
    this.done = 0;
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key)) ?? {});
    } catch {
      for (const store of [sessionStorage, localStorage]) store.removeItem(key);
    }
  }

  /** Remembers a step; steps of one `kind` that follow closely are one. */
  add(before, after, kind) {
    const step = { ...difference(before, after), kind, when: Date.now() };
    const last = this.steps[this.done - 1];
    this.steps.length = this.done;
    if (kind && last?.kind === kind && step.when - last.when < TOGETHER) {
      const [id] = Object.keys(step.lines);
      if (id && last.lines[id]) step.lines[id][0] = last.lines[id][0];
      this.steps[this.done - 1] = step;
    } else {
      this.steps.push(step);
    }
    this.steps.splice(0, this.steps.length - MOST);
    this.done = this.steps.length;
    this.#keep();
  }

  /** The page before the last step, or after the next one; the page itself if there is none that fits it. */
  go(page, back) {
    while (back ? this.done > 0 : this.done < this.steps.length) {
      this.done += back ? -1 : 1;
      const step = this.steps[back ? this.done : this.done - 1];
      const made = stepped(page, step, back ? 0 : 1);
      this.#keep();
      if (made) return { page: made, line: Object.keys(step.lines)[0] ?? null };
    }
    return { page, line: null };
  }

  get canUndo() {
    return this.done > 0;
  }

  get canRedo() {
    return this.done < this.steps.length;
  }

  #keep() {
    const { steps, done } = this;
    try {
      for (const store of [sessionStorage, localStorage]) store.setItem(this.key, JSON.stringify({ steps, done }));
    } catch {
      // the browser's store is full: the older half must do
      this.steps = steps.slice(steps.length / 2);
      this.done = Math.min(this.steps.length, Math.max(0, done - (steps.length - this.steps.length)));
    }
  }
}
