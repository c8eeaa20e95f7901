// The mapping editor, live. Everything here is also done by the form's buttons: without this file the page works.
// Contracts: form[data-look] is sent while somebody types and answers with [data-pane] parts; data-goto="n" leads to a
// line; li[data-line] marks that line; data-rule="file:line" on a value of the sample; [data-poll] is loaded again.

const form = document.querySelector("form[data-look]");
const text = form?.elements.text;
const state = document.querySelector("[data-state]");

/* --- preview while typing ------------------------------------------------------------------------------------------ */

let running = null;
let wait = 0;
let rest = 0;

function sent(whole) {
  const body = new FormData(form);
  if (whole) body.set("whole", "yes");
  return body;
}

async function look(whole) {
  running?.abort();
  const mine = running = new AbortController();
  const started = performance.now();
  try {
    const answer = await fetch(form.dataset.look, { method: "POST", body: sent(whole), signal: mine.signal });
    if (!answer.ok || mine.signal.aborted) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of fresh.querySelectorAll("[data-pane]")) put(part);
    mark();
    if (state && !whole) state.textContent = `${Math.round(performance.now() - started)} ms`;
    clearTimeout(rest);
    if (!whole) rest = setTimeout(look, 1200, true); // with proposals, counts and what is written again
  } catch { /* a newer key stroke, or the next one tries again */ }
}

function put(part) {
  const place = form.querySelector(`[data-pane="${part.dataset.pane}"]`);
  if (!place) return;
  const tops = [...place.querySelectorAll(".scroll")].map((each) => each.scrollTop);
  const chosen = place.querySelector("input:checked")?.value;
  const open = [...place.querySelectorAll("details")].map((each) => each.open);
  const offers = new Map([...place.querySelectorAll("tr[data-link]")].map((row) => [row.dataset.link, row.querySelector(".proposals")]));
  place.replaceChildren(...document.adoptNode(part).childNodes);
  for (const row of place.querySelectorAll("tr.left[data-link]")) { // proposals are made for a page, not for a key stroke
    const offer = offers.get(row.dataset.link);
    if (offer && !row.querySelector(".proposals")) row.lastElementChild.append(offer);
  }
  place.querySelectorAll(".scroll").forEach((each, number) => { each.scrollTop = tops[number] ?? 0; });
  place.querySelectorAll("details").forEach((each, number) => { each.open = open[number] ?? each.open; });
  const again = chosen && place.querySelector(`input[value="${CSS.escape(chosen)}"]`);
  if (again) again.checked = true;
}

/* --- the draft keeps itself ---------------------------------------------------------------------------------------- */

let keep = 0;
function keepSoon() {
  clearTimeout(keep);
  keep = setTimeout(() => {
    const body = new FormData(form);
    body.set("act", "save");
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  }, 2000);
}

/* --- lines with a problem are marked where they stand ---------------------------------------------------------------- */

const behind = document.createElement("pre");
function mark() {
  if (!text) return;
  const wrong = new Map([...form.querySelectorAll("li[data-line]")].map((each) => [Number(each.dataset.line), each]));
  behind.replaceChildren(...text.value.split("\n").map((line, number) => {
    const told = wrong.get(number + 1);
    const row = document.createElement(told ? "mark" : "span");
    row.textContent = `${line}\n`;
    if (told) row.className = told.className;
    return row;
  }));
  behind.scrollTop = text.scrollTop;
  behind.scrollLeft = text.scrollLeft;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  text.scrollTop = Math.max(0, (line - 6) * Number.parseFloat(getComputedStyle(text).lineHeight));
}

/* --- completion ------------------------------------------------------------------------------------------------------ */

const list = document.createElement("ul");
list.className = "completion";
list.id = "completion";
list.role = "listbox";
list.hidden = true;
let at = 0;

// What a rule in the line at hand may name: its field's list, if it is in one, has paths of its own.
const words = [];
const asked = new Set();
async function load(below) {
  if (asked.has(below)) return;
  asked.add(below);
  const query = new URLSearchParams({ below, sample: form.elements.sample.value });
  const more = await fetch(`${form.dataset.words}&${query}`).then((answer) => answer.ok ? answer.json() : []).catch(() => []);
  const known = new Set(words.map(([name]) => name));
  words.push(...more.filter(([name]) => !known.has(name)));
}

function scope() {
  const line = text.value.slice(0, text.selectionStart).split("\n").pop();
  const key = line.match(/^\s*["']?([^"':{\s]+)/)?.[1] ?? "";
  const lists = words.filter(([name, kind]) => kind === "list" && key.startsWith(`${name}.`));
  return lists.sort((one, other) => other[0].length - one[0].length)[0]?.[2] ?? "";
}

const started = () => text.value.slice(0, text.selectionStart).match(/[A-Za-z0-9_.:/@[\]]*$/)[0];

async function complete() {
  await load("");
  const typed = started().toLowerCase();
  const value = /(?:path|each|in): *[^,}]*$/.test(text.value.slice(0, text.selectionStart));
  const around = value ? scope() : "";
  const inside = around + started().replace(/[^/]*$/, "");
  if (value && inside && form.dataset.source === "xml") await load(inside);
  const known = words.filter(([name, kind]) => value ? kind === "path" && name.startsWith(around) : !["path", "list"].includes(kind))
    .map(([name, kind, label]) => [name.slice(around.length), kind, label]);
  const first = known.filter(([name]) => name.toLowerCase().startsWith(typed));
  const rest = known.filter(([name, , label]) => !first.some((each) => each[0] === name)
    && (name.toLowerCase().includes(typed) || label.toLowerCase().includes(typed)));
  const found = [...first, ...rest].slice(0, 12);
  list.replaceChildren(...found.map(([name, kind, label], number) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `completion-${number}`;
    item.dataset.name = name;
    const about = document.createElement("small");
    about.textContent = [label, kind === "path" ? "" : kind].filter(Boolean).join(" · ");
    item.append(name, " ", about);
    return item;
  }));
  choose(0);
  show(found.length > 0);
}

function show(on) {
  list.hidden = !on;
  if (!on) text.removeAttribute("aria-activedescendant");
}

function choose(number) {
  at = Math.max(0, Math.min(list.children.length - 1, number));
  [...list.children].forEach((each, place) => each.setAttribute("aria-selected", String(place === at)));
  list.children[at]?.scrollIntoView({ block: "nearest" });
  if (list.children[at]) text.setAttribute("aria-activedescendant", list.children[at].id);
}

function take(name) {
  const end = text.selectionStart;
  text.setRangeText(name, end - started().length, end, "end");
  show(false);
  text.dispatchEvent(new Event("input"));
}

if (form && text) {
  behind.setAttribute("aria-hidden", "true");
  behind.className = "behind";
  text.before(behind);
  text.parentElement.append(list);
  text.setAttribute("aria-controls", "completion");
  text.setAttribute("aria-autocomplete", "list");
  text.addEventListener("input", () => {
    clearTimeout(wait);
    clearTimeout(rest);
    wait = setTimeout(look, 120, false);
    keepSoon();
    mark();
    if (!list.hidden) complete();
  });
  text.addEventListener("scroll", () => { behind.scrollTop = text.scrollTop; behind.scrollLeft = text.scrollLeft; });
  text.addEventListener("blur", () => setTimeout(() => show(false), 150));
  text.addEventListener("keydown", (press) => {
    if (press.key === " " && press.ctrlKey) { press.preventDefault(); complete(); return; }
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[press.key];
    if (step) { press.preventDefault(); choose(at + step); }
    if (press.key === "Enter" || press.key === "Tab") { press.preventDefault(); take(list.children[at].dataset.name); }
    if (press.key === "Escape") show(false);
  });
  list.addEventListener("pointerdown", (press) => {
    const item = press.target.closest("li");
    if (item) { press.preventDefault(); take(item.dataset.name); }
  });
  form.addEventListener("click", (click) => {
    const line = click.target.closest("[data-goto]")?.dataset.goto;
    if (line) { click.preventDefault(); goTo(Number(line)); }
    const rule = click.target.closest("tr[data-rule]")?.dataset.rule;
    if (rule?.startsWith(`${form.elements.path.value}:`)) goTo(Number(rule.split(":").pop()));
  });
  form.addEventListener("change", (change) => { // a value is chosen: the fields it could go to come into view
    const fields = change.target.name === "value" && form.querySelector(".targets")?.closest("details");
    if (!fields) return;
    fields.open = true;
    fields.scrollIntoView({ block: "nearest" });
  });
  mark();
}

/* --- a back-test that runs ------------------------------------------------------------------------------------------- */

async function poll() {
  const part = document.querySelector("[data-poll]");
  if (!part) return;
  const answer = await fetch(location.href).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = fresh && fresh.querySelector(`[data-live="${part.dataset.live}"]`);
  if (next && !next.hasAttribute("data-poll")) { location.reload(); return; }
  if (next) part.replaceChildren(...document.adoptNode(next).childNodes);
  setTimeout(poll, 700);
}
poll();
