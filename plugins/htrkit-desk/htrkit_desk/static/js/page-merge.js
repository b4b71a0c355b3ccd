/** What became of a page when it was edited in two places: line by line, and told where both edited the same. */

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const writing = (line) => line && { text: line.text, state: line.state };
const place = (line) => line && { region: line.region, polygon: line.polygon, baseline: line.baseline };

/** Whether anything differs that a save would carry. */
export const equal = (a, b) =>
  a.finished === b.finished &&
  same(a.lines.map((line) => line.id), b.lines.map((line) => line.id)) &&
  a.lines.every((line, index) => same(writing(line), writing(b.lines[index])) && same(place(line), place(b.lines[index])));

/**
 * `ours` and `theirs` were both made of `base`. Gives the page with the edits of both, and the lines whose text both
 * changed in different ways; of these the page has ours.
 */
export function mergedPages(base, theirs, ours) {
  const [old, their, our] = [base, theirs, ours].map((page) => new Map(page.lines.map((line) => [line.id, line])));
  const collisions = [];
  const lines = new Map();
  for (const id of new Set([...our.keys(), ...their.keys()])) {
    const made = mergedLine(old.get(id), their.get(id), our.get(id), collisions);
    if (made) lines.set(id, made);
  }
  const page = { ...theirs, finished: ours.finished === base.finished ? theirs.finished : ours.finished };
  page.lines = order(base, theirs, ours).filter((id) => lines.has(id)).map((id) => lines.get(id));
  return { page, collisions };
}

function mergedLine(old, theirs, ours, collisions) {
  if (!theirs || !ours) {
    const left = theirs ?? ours;
    // what one deleted stays deleted, unless the other went on with it
    return old && same(writing(left), writing(old)) && same(place(left), place(old)) ? null : left;
  }
  const line = { ...theirs };
  if (!same(place(ours), place(old))) Object.assign(line, place(ours), { words: ours.words });
  if (same(writing(ours), writing(old))) return line;
  if (!same(writing(theirs), writing(old)) && theirs.text !== ours.text) collisions.push({ id: ours.id, theirs, ours });
  return { ...line, ...writing(ours), words: theirs.text === ours.text ? theirs.words : ours.words };
}

function order(base, theirs, ours) {
  const ids = (page) => page.lines.map((line) => line.id);
  const [lead, other] = same(ids(ours), ids(base)) ? [ids(theirs), ids(ours)] : [ids(ours), ids(theirs)];
  const known = new Set(lead);
  other.forEach((id, index) => {
    if (known.has(id)) return;
    lead.splice(lead.indexOf(other[index - 1]) + 1, 0, id); // behind its neighbour, or first
    known.add(id);
  });
  return lead;
}

/** The page after a person has chosen, for each collision's id, "ours", "theirs" or "both". */
export function settled(page, collisions, choices, newId) {
  const lines = page.lines.flatMap((line) => {
    const collision = collisions.find(({ id }) => id === line.id);
    const choice = collision && (choices[line.id] ?? "ours");
    if (choice === "theirs") return [{ ...line, ...writing(collision.theirs), words: collision.theirs.words }];
    if (choice === "both") return [line, { ...line, ...writing(collision.theirs), id: newId(), words: [] }];
    return [line];
  });
  return { ...page, lines };
}
