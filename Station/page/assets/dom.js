/**
 * An element of HTML.
 *
 * @param {string} tag its name, with classes after dots: `p.note`
 * @param {object} [properties] `onX` listens, `data`/`aria` are maps, anything else is an attribute; null and false are left out
 * @param {...(Node|string|null)} children null is left out
 */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "aria") { for (const [a, v] of Object.entries(value)) element.setAttribute(`aria-${a}`, v); }
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets the text of an element where it differs: a redraw that changes nothing costs nothing. */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** Sets a data attribute where it differs. */
export function setData(element, key, value) {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}
