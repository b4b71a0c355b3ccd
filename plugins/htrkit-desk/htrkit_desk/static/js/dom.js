/** Builds elements. What comes from files or people only ever becomes text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick` …) and children; strings become text. */
export function el(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

export function svg(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

function filled(made, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** A button with a text, and an action. */
export const button = (text, onclick, given = {}) => el("button", { type: "button", onclick, ...given }, text);

/** Whether a key press belongs to a field in which people write. */
export const typing = (event) => Boolean(event.target.closest?.("input, select, textarea, [contenteditable]"));

/** A dialog under a heading, shown at once; it goes when it is closed, and the focus returns. */
export function dialog(title, ...children) {
  const heading = el("h2", { id: "dialog-title" }, title);
  const shown = el("dialog", { "aria-labelledby": "dialog-title" }, heading, ...children);
  shown.addEventListener("close", () => shown.remove());
  document.body.append(shown);
  shown.showModal();
  return shown;
}

/**
 * Shows rows in a list, each given as `[key, from, make]`. One that is made from the same as before stays the same
 * element, in its place: somebody may be about to press a button in it. The focus stays in its row.
 */
export function keptRows(list) {
  let rows = new Map();
  return (wanted) => {
    const active = document.activeElement;
    const focused = [...rows.keys()].find((key) => rows.get(key).node.contains(active));
    const old = rows;
    rows = new Map(wanted.map(([key, from, make]) => {
      const mark = JSON.stringify(from);
      return [key, old.get(key)?.mark === mark ? old.get(key) : { mark, node: make() }];
    }));
    const nodes = [...rows.values()].map(({ node }) => node);
    for (const child of [...list.children]) if (!nodes.includes(child)) child.remove();
    nodes.forEach((node, place) => node === list.children[place] || list.insertBefore(node, list.children[place] ?? null));
    if (!rows.has(focused) || document.activeElement === active) return;
    (active.isConnected ? active : rows.get(focused).node.querySelector("button") ?? rows.get(focused).node).focus();
  };
}

/** Calls back once things have been quiet for so many milliseconds. */
export function quietly(milliseconds, callback) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(callback, milliseconds, ...given);
  };
}
