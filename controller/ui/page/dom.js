// Makes elements. Text goes in as text nodes only: nothing that comes from the API is ever parsed as markup.

const SVG = 'http://www.w3.org/2000/svg';

function apply(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
}

// Children are nodes, texts, lists of these, or nothing.
export function add(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  apply(element, properties);
  return add(element, children);
}

export function svg(tag, properties = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  apply(element, properties);
  return add(element, children);
}

// For those who hear the page.
export const hiddenText = (text) => el('span', {class: 'visually-hidden'}, text);

// A place whose content is made anew only when what it shows has changed, so that a selection or an open detail in it
// is not lost to an event that changed something else.
export class Slot {
  constructor(element) {
    this.element = element;
    this.shown = null;
  }

  show(model, build) {
    const text = JSON.stringify(model ?? null);
    if (text === this.shown) return;
    this.shown = text;
    this.element.replaceChildren();
    add(this.element, build(model));
  }
}

// The same for a list: `build(item)` makes the element of one, which is kept as long as its item is the same.
export class KeyedList {
  constructor(element, build) {
    this.element = element;
    this.build = build;
    this.rows = new Map();
  }

  show(items, keyOf) {
    const before = this.rows;
    this.rows = new Map();
    for (const item of items) {
      const text = JSON.stringify(item);
      const old = before.get(keyOf(item));
      this.rows.set(keyOf(item), old?.text === text ? old : {text, row: this.build(item, old?.row)});
    }
    const rows = [...this.rows.values()].map(({row}) => row);
    // Moving an element that has the focus takes it away.
    if (rows.length !== this.element.children.length || rows.some((row, i) => this.element.children[i] !== row)) {
      this.element.replaceChildren(...rows);
    }
  }
}
