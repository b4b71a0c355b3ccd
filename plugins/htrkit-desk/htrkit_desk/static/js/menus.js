/** Buttons that open a list of things to do; arrows, Escape and a click elsewhere do what one expects. */

export function startMenus() {
  for (const opener of document.querySelectorAll("[aria-haspopup=menu]")) {
    const menu = document.getElementById(opener.getAttribute("aria-controls"));
    opener.addEventListener("click", () => open(opener, menu, menu.hidden));
    menu.addEventListener("click", (event) => event.target.closest("button, a") && open(opener, menu, false));
    for (const part of [opener, menu]) part.addEventListener("keydown", (event) => key(event, opener, menu));
    document.addEventListener("pointerdown", (event) => {
      if (!menu.hidden && !menu.contains(event.target) && !opener.contains(event.target)) open(opener, menu, false);
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget) && event.relatedTarget !== opener) open(opener, menu, false);
    });
  }
}

const items = (menu) => [...menu.querySelectorAll("button, a, select, input")].filter((item) => !item.disabled && item.offsetParent);

function open(opener, menu, value) {
  menu.hidden = !value;
  opener.setAttribute("aria-expanded", value);
  if (value) {
    const edge = menu.getBoundingClientRect().right;
    menu.classList.toggle("leftwards", edge > innerWidth || menu.classList.contains("leftwards"));
    menu.dispatchEvent(new Event("opened"));
  }
}

function key(event, opener, menu) {
  if (event.key === "Escape" && !menu.hidden) {
    open(opener, menu, false);
    opener.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.tagName === "SELECT") return;
    if (menu.hidden) open(opener, menu, true);
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    const by = event.key === "ArrowDown" ? 1 : -1;
    all[at < 0 ? 0 : (at + by + all.length) % all.length]?.focus();
  } else return;
  event.preventDefault();
}
