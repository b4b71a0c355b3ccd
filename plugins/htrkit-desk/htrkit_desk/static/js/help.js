/** The keys, listed on `?`. */

import { byId, dialog, el, typing } from "./dom.js";
import { texts } from "./texts.js";

export function startHelp() {
  byId("help").addEventListener("click", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && !typing(event) && !document.querySelector("dialog")) show();
  });
}

function show() {
  const groups = texts.help.groups.map(([title, keys]) =>
    el("section", {}, el("h3", {}, title),
      el("dl", { class: "keys" }, ...keys.map(([names, what]) =>
        el("div", {}, el("dt", {}, ...names.map((name) => el("kbd", {}, name))), el("dd", {}, what))))));
  dialog(texts.help.title, el("div", { class: "key-groups" }, ...groups),
    el("form", { method: "dialog" }, el("p", { class: "actions" }, el("button", {}, texts.close))));
}
