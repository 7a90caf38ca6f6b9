// Elements, made and kept up to date without ever parsing text as HTML: whatever a job is called, it stays text.

const svgNames = new Set(["svg", "g", "rect", "path", "text", "circle", "title", "polygon", "line"]);

/** An element: `h("td", {class: "n"}, "12", child, …)`. Children that are null or false are left out. */
export function h(name, attributes, ...children) {
  const element = svgNames.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "onclick") element.onclick = value;
    else if (key === "width%") element.style.width = `${value}%`;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Makes `old` look like `made`, and touches only what differs: focus, selection, scroll positions and open details stay.
 */
export function patch(old, made) {
  if (old.nodeType !== made.nodeType || old.nodeName !== made.nodeName || old.id !== made.id) {
    old.replaceWith(made);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== made.data) old.data = made.data;
    return;
  }
  // Styles are properties here: as an attribute, the page's own policy refuses them.
  for (const { name } of [...old.attributes]) if (name !== "style" && !made.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of made.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.style.width !== made.style.width) old.style.width = made.style.width;
  old.onclick = made.onclick;
  const before = [...old.childNodes];
  const after = [...made.childNodes];
  after.forEach((child, index) => {
    if (index < before.length) patch(before[index], child);
    else old.append(child);
  });
  for (const extra of before.slice(after.length)) extra.remove();
}

/** Replaces what is inside an element. */
export function fill(element, ...children) {
  const made = document.createDocumentFragment();
  made.append(...children.flat(3).filter(Boolean));
  const before = [...element.childNodes];
  const after = [...made.childNodes];
  after.forEach((child, index) => {
    if (index < before.length) patch(before[index], child);
    else element.append(child);
  });
  for (const extra of before.slice(after.length)) extra.remove();
}

/** A table in a frame of its own that scrolls sideways. `columns`: [title, isNumber]; `rows`: lists of cells. */
export function table(label, columns, rows, attributes) {
  const head = h("tr", null, columns.map(([title, isNumber]) => h("th", { scope: "col", class: isNumber ? "n" : null }, title)));
  const body = rows.map((cells) =>
    h("tr", null, cells.map((cell, index) => {
      if (cell instanceof HTMLTableCellElement) return cell;
      return h(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, class: columns[index][1] ? "n" : null }, cell);
    })));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", attributes, h("thead", null, head), h("tbody", null, body)));
}

export function section(title, more, ...content) {
  return h("section", null, h("h2", null, title, more ? h("span", { class: "more" }, more) : null), ...content);
}

export function tag(state) { return h("span", { class: `tag ${state}` }, state); }

/** Done and running shares of some whole. */
export function bar(done, running, whole) {
  const share = (value) => (whole > 0 ? Math.min(100, (100 * value) / whole) : 0);
  return h("span", { class: "bar", "aria-hidden": "true" },
    h("i", { class: "live-part", "width%": share(done + running).toFixed(1) }), h("i", { "width%": share(done).toFixed(1) }));
}

/** A cell with a number; what is nothing is quiet. */
export function number(value, text, mark) {
  return h("td", { class: `n ${value ? mark || "" : "soft"}`.trim() }, text(value));
}
