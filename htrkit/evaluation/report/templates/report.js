"use strict";
(() => {
  const numberIn = (text) => {
    const found = text.replace("<", "").match(/^[+-]?[\d.]+/);
    return found ? Number(found[0]) : null;
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.querySelectorAll("thead th")];
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const numeric = head.classList.contains("number");
        const key = (row) => row.cells[column].textContent.trim();
        const compare = (a, b) => {
          if (!numeric) return key(a).localeCompare(key(b));
          return (numberIn(key(a)) ?? Infinity) - (numberIn(key(b)) ?? Infinity);
        };
        const rows = [...body.rows].sort((a, b) => (up ? compare(a, b) : compare(b, a)));
        body.append(...rows);
      });
    });
  }

  const list = document.getElementById("list");
  if (list) {
    const find = document.getElementById("find");
    const show = document.getElementById("show");
    const sort = document.getElementById("sort");
    const count = document.getElementById("count");
    const none = document.getElementById("none");
    const lines = [...list.children].map((item) => ({
      item,
      text: [...item.querySelectorAll("h3, .text")].map((one) => one.dataset.text ?? one.textContent).join("\n").toLowerCase(),
      each: item.dataset.each.split(" ").map(Number),
    }));
    const shown = {
      all: () => true,
      right: (each, i) => each[i] === 0,
      wrong: (each, i) => each[i] > 0,
      best: (each, i) => each.every((errors, j) => j === i || errors > each[i]),
      worst: (each, i) => each.every((errors, j) => j === i || errors < each[i]),
    };
    const update = () => {
      const wanted = find.value.trim().toLowerCase();
      const [kind, index] = show.value.split(":");
      let visible = 0;
      for (const line of lines) {
        const fits = line.text.includes(wanted) && shown[kind](line.each, Number(index));
        line.item.hidden = !fits;
        visible += fits ? 1 : 0;
      }
      count.textContent = visible === lines.length ? `${visible} lines` : `${visible} of ${lines.length} lines`;
      none.hidden = visible > 0;
    };
    const reorder = () => {
      const by = sort.value;
      const sign = by === "number" ? 1 : -1;
      const value = (line) => Number(line.item.dataset[by]);
      lines.sort((a, b) => sign * (value(a) - value(b)) || a.item.dataset.number - b.item.dataset.number);
      list.append(...lines.map((line) => line.item));
    };
    find.addEventListener("input", update);
    show.addEventListener("change", update);
    sort.addEventListener("change", reorder);
    document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        find.focus();
      } else if (event.key === "Escape" && event.target === find) {
        find.value = "";
        update();
      }
    });
    update();
  }

  const closed = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      closed.push(details);
      details.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const details of closed.splice(0)) details.open = false;
  });
})();
