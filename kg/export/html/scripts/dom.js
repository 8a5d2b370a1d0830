// Building the page: every string from a paper becomes a text node, never markup.

const byId = (id) => document.getElementById(id);

/** An element with attributes, listeners (functions under "onclick" and the like), custom properties and children. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A name or title: isolated, so that right-to-left text and bidi controls cannot reorder what stands around it. */
const bdi = (text, attributes = {}) => el("bdi", { dir: "auto", ...attributes }, text);

/** 12345 as "12,345": toLocaleString takes 20 ms when it is first called. */
const plain = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

/** "1 paper", "2 papers". */
const count = (number, one, many = `${one}s`) => `${plain(number)} ${number === 1 ? one : many}`;

/** A link that leaves the page: http and https only; anything else stays text. */
function outLink(address, label = address) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return bdi(label); // not an address: text is what is left to show
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return bdi(label);
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, bdi(label));
}

/** A button that looks like a link and does something here. */
const action = (label, onclick, attributes = {}) =>
  el("button", { type: "button", class: "link", onclick, ...attributes }, label);

/** Say something to those who cannot see what changed. */
function say(text) {
  byId("said").textContent = text;
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "hidden" }); // no clipboard for this page: the older way
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(said);
}

/** A button that copies and says so on its face for a while. */
function copyButton(label, makeText) {
  const button = action(label, async () => {
    await copy(makeText(), "Copied");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

/** The `most` first of `items` in the order of `compare`, without sorting all of them. */
function topOf(items, most, compare) {
  const top = [];
  for (const item of items) {
    let place = top.length;
    while (place && compare(item, top[place - 1]) < 0) place--;
    if (place >= most) continue;
    top.splice(place, 0, item);
    if (top.length > most) top.pop();
  }
  return top;
}

/** What a button says that shows `step` of what is left. */
const moreOf = (step, left) => (left > step ? `Show ${plain(step)} more of ${plain(left)}` : `Show ${plain(left)} more`);

/** The first of `items` and a button for the rest, `step` at a time; `make` turns an item into an element. */
function capped(list, items, make, step) {
  let shown = 0;
  const more = el("button", { type: "button", class: "more", onclick: () => grow() });
  const grow = () => {
    const next = items.slice(shown, shown + step);
    list.append(...next.map(make));
    shown += next.length;
    const left = items.length - shown;
    more.hidden = left === 0;
    more.textContent = moreOf(step, left);
  };
  grow();
  return [list, more];
}

/** One column: the panel stands below the graph. */
const narrow = () => matchMedia("(max-width: 60rem)").matches;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
