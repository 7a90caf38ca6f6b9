// Creates and updates elements. Never parses text as HTML, so job names and messages cannot inject markup.

const svgNames = new Set(["svg", "g", "rect", "path", "text", "circle", "title", "polygon", "line"]);

/** Creates an element: `h("td", {class: "n"}, "12", child, …)`. Skips children that are null or false. */
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

/** Updates `old` to match `made`. Changes only what differs, so focus, selection and scroll positions stay. */
export function patch(old, made) {
  if (old.nodeType !== made.nodeType || old.nodeName !== made.nodeName || old.id !== made.id) {
    old.replaceWith(made);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== made.data) old.data = made.data;
    return;
  }
  // The content security policy refuses style attributes, so styles are set as properties.
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

/** Updates the children of an element. */
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

/** Creates a table in a frame that scrolls sideways. `columns`: [title, isNumber]; `rows`: lists of cells. */
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

/** Creates a progress bar with the shares of `whole` that are done and running. */
export function bar(done, running, whole) {
  const share = (value) => (whole > 0 ? Math.min(100, (100 * value) / whole) : 0);
  return h("span", { class: "bar", "aria-hidden": "true" },
    h("i", { class: "live-part", "width%": share(done + running).toFixed(1) }), h("i", { "width%": share(done).toFixed(1) }));
}

/** Creates a table cell with a number. Zero is shown in gray. */
export function number(value, text, mark) {
  return h("td", { class: `n ${value ? mark || "" : "soft"}`.trim() }, text(value));
}
