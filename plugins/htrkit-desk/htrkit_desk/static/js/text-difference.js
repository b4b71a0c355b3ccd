/** In what two texts differ, character by character, and how that is shown. */

import { el } from "./dom.js";

/** Runs of characters that are `equal`, only in the first (`less`) or only in the second (`more`). */
export function pieces(from, to) {
  const [a, b] = [[...from], [...to]];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const made = [];
  const add = (kind, character) => {
    if (made.at(-1)?.kind === kind) made.at(-1).text += character;
    else made.push({ kind, text: character });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("equal", a[i]);
      [i, j] = [i + 1, j + 1];
    } else if (i < a.length && (j >= b.length || longest[i + 1][j] >= longest[i][j + 1])) {
      add("less", a[i]);
      i += 1;
    } else {
      add("more", b[j]);
      j += 1;
    }
  }
  return made;
}

/** What is gone is struck out, what is new is underlined; a space shows as such. */
export function marked(found) {
  const visible = (text) => text.replaceAll(" ", "␣");
  const tags = { less: "del", more: "ins" };
  const nodes = found.map(({ kind, text }) => (kind === "equal" ? text : el(tags[kind], {}, visible(text))));
  return el("span", { class: "text", dir: "auto" }, ...nodes);
}

export const differs = (found) => found.some(({ kind }) => kind !== "equal");
