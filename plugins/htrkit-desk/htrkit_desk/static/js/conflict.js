/** The dialog for lines that were edited in two places at once. */

import { button, dialog, el } from "./dom.js";
import { pieces, marked } from "./text-difference.js";
import { texts } from "./texts.js";

/** Resolves to "ours", "theirs" or "both" for each collision's id. */
export function askWhose(collisions) {
  return new Promise((resolve) => {
    const words = texts.conflict;
    const form = el("form", { method: "dialog", class: "conflict" }, el("p", {}, words.what(collisions.length)));
    collisions.forEach((collision) => form.append(question(collision)));
    const all = (choice) => () => {
      form.querySelectorAll(`input[value=${choice}]`).forEach((input) => (input.checked = true));
    };
    form.append(
      el("p", { class: "actions" },
        collisions.length > 1 ? [button(words.allOurs, all("ours")), button(words.allTheirs, all("theirs"))] : [],
        el("button", { class: "primary", autofocus: true }, words.save)),
    );
    const shown = dialog(words.title, form);
    shown.addEventListener("cancel", (event) => event.preventDefault());
    shown.addEventListener("close", () => {
      resolve(Object.fromEntries(collisions.map(({ id }) => [id, new FormData(form).get(id) ?? "ours"])));
    });
  });
}

function question({ id, ours, theirs }) {
  const words = texts.conflict;
  const choice = (value, label, text) =>
    el("label", { class: "choice" },
      el("input", { type: "radio", name: id, value, ...(value === "ours" ? { checked: true } : {}) }),
      el("span", {}, el("b", {}, label), text ? el("span", { class: "text", dir: "auto" }, text) : null));
  return el("fieldset", {},
    el("legend", { class: "text", dir: "auto" }, ours.text || words.emptyLine),
    choice("ours", words.ours, ours.text || words.emptyLine),
    choice("theirs", words.theirs, theirs.text ? marked(pieces(ours.text, theirs.text)) : words.emptyLine),
    choice("both", words.both));
}
