// Enhancements only: every page works without this file.
// Contracts: data-live="name" is replaced when something happened; data-still stops that; form[data-auto] sends itself;
// data-link="n" ties a value to its place in the file; data-key names the key that focuses an input;
// data-tail marks a list whose newest row is on top: it waits while somebody reads, and says how many rows are new;
// data-poll: this page is asked for every second until it no longer holds one;
// data-term on a cell: the term of the search box that this cell stands for;
// form[data-daily][data-position]: beside its quantity stands how long that lasts, in the words of data-cover (# = days).

/* --- keeping the page fresh ------------------------------------------------------------------------------------- */

let fetching = false;
let again = false;

function busy(part) {
  const selection = getSelection();
  const selecting = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  const typed = [...part.querySelectorAll("input, textarea")].some((each) => each.type !== "hidden" && each.value !== each.defaultValue);
  return selecting || typed || part.hasAttribute("data-still") || part.querySelector("details[open], :target");
}

/* A list that somebody reads is not moved: scrolled down, a row under the pointer or the keyboard, or stopped by hand. */
let stopped = false;
const reading = (part) => stopped || part.getBoundingClientRect().top < 0 || part.contains(document.activeElement)
  || part.querySelector("tbody tr:hover, details[open]");

function announce(part, next) {
  const first = part.querySelector("[data-row]")?.dataset.row;
  const rows = [...next.querySelectorAll("[data-row]")];
  const at = rows.findIndex((row) => row.dataset.row === first);
  const fresh = at < 0 ? rows.length : at;
  const pill = document.querySelector("[data-tail-pill]");
  if (!pill) return;
  const button = pill.firstElementChild;
  pill.hidden = fresh === 0;
  const words = fresh === 1 ? button.dataset.one : button.dataset.many.replace("{count}", at < 0 ? `${fresh}+` : fresh);
  if (button.textContent !== words) button.textContent = words;
}

let showing = false; // the reader has asked for what is new
async function refresh() {
  if (fetching) { again = true; return; }
  const parts = [...document.querySelectorAll("[data-live]")].filter((part) => !busy(part));
  if (!parts.length || document.hidden) return;
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts) {
      const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next || next.innerHTML === part.innerHTML || busy(part)) continue;
      if (part.hasAttribute("data-tail")) {
        if (!showing && reading(part)) { announce(part, next); continue; }
        document.querySelector("[data-tail-pill]")?.setAttribute("hidden", "");
      }
      const at = focusPlace(part);
      const tops = [...part.querySelectorAll(".scroll")].map((each) => each.scrollTop);
      part.replaceChildren(...document.adoptNode(next).childNodes);
      part.querySelectorAll(".scroll").forEach((each, number) => { each.scrollTop = tops[number] ?? 0; });
      if (at) part.querySelector(at)?.focus({ preventScroll: true });
    }
  } catch { /* the next event tries again */ } finally {
    fetching = false;
    showing = false;
    if (again) { again = false; setTimeout(refresh, 1000); }
  }
}

function focusPlace(part) {
  const active = document.activeElement;
  if (!part.contains(active) || !active.getAttribute("href")) return null;
  return `[href="${CSS.escape(active.getAttribute("href"))}"]`;
}

if (document.querySelector("[data-live]")) {
  const events = new EventSource("/events");
  events.addEventListener("change", refresh);
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
  document.addEventListener("visibilitychange", refresh);
}

/* What no event tells of (a test of a connection, rung by rung) is asked for every second as long as it runs. */
if (document.querySelector("[data-poll]")) {
  const ticking = setInterval(() => document.querySelector("[data-poll]") ? refresh() : clearInterval(ticking), 1000);
}

const controls = document.querySelector("[data-tail-controls]");
if (controls && document.querySelector("[data-tail]")) {
  const toggle = controls.querySelector("[data-tail-toggle]");
  controls.hidden = false;
  toggle.addEventListener("click", () => {
    stopped = !stopped;
    toggle.setAttribute("aria-pressed", String(!stopped));
    toggle.textContent = stopped ? toggle.dataset.off : toggle.dataset.on;
    if (!stopped) refresh();
  });
  document.querySelector("[data-tail-pill]").addEventListener("click", () => {
    showing = true;
    document.activeElement?.blur();
    scrollTo({ top: 0 });
    refresh();
  });
}

/* --- forms ------------------------------------------------------------------------------------------------------- */

for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (change) => { if (change.target.matches("select")) form.requestSubmit(); });
}
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (submit) => {
    if (form.dataset.sent) submit.preventDefault();
    if (!("download" in form.dataset)) form.dataset.sent = "yes";  // a file leaves the page as it is
  });
}
addEventListener("pageshow", () => {  // a page that was kept is shown again
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

addEventListener("input", ({ target }) => {
  const form = target.name === "quantity" && target.closest("form[data-daily]");
  const told = form && form.querySelector("[data-cover]");
  if (!told) return;
  const units = Number(form.dataset.position) + Number(target.value.replace(",", "."));
  const days = Math.max(0, Math.round(units / Number(form.dataset.daily) * 10) / 10);
  told.textContent = target.value.trim() && Number.isFinite(days) ? told.dataset.cover.replace("#", days) : "";
});

/* --- only this, not this: the cell under the pointer as a term of the search box ----------------------------------- */

const offer = document.createElement("span");
offer.className = "only";
function term(cell, minus) {
  const box = document.querySelector("form.filter .query");
  const [name] = cell.dataset.term.split(":");
  const kept = (box?.value ?? "").split(/\s+/).filter((each) => each && !(minus ? each === `-${cell.dataset.term}` : each.startsWith(`${name}:`)));
  const link = document.createElement("a");
  link.href = `/messages?${new URLSearchParams({ q: [...kept, minus + cell.dataset.term].join(" ") })}`;
  link.tabIndex = -1;
  return link;
}
let offered = null;
function withdraw() { offer.remove(); offered = null; }
document.addEventListener("pointermove", ({ target, clientX, pointerType }) => {
  if (pointerType !== "mouse" || offer.contains(target)) return;
  const row = target.closest?.("[data-terms] .row"); // the row's link lies over its cells: look for the cell by its place
  const within = (each) => each.getBoundingClientRect().left <= clientX && clientX < each.getBoundingClientRect().right;
  const cell = row && [...row.querySelectorAll("[data-term]")].find(within);
  if (!cell) { withdraw(); return; }
  if (cell === offered) return;
  offered = cell;
  const words = cell.closest("[data-terms]").dataset;
  const [only, not] = [term(cell, ""), term(cell, "-")];
  only.textContent = words.only;
  not.textContent = words.not;
  offer.replaceChildren(only, not);
  const box = cell.getBoundingClientRect();
  document.body.append(offer);
  offer.style.left = `${Math.max(0, Math.min(box.right, innerWidth) - offer.offsetWidth - 6) + scrollX}px`;
  offer.style.top = `${box.top + 3 + scrollY}px`;
});

/* --- the same value in the file and in the document --------------------------------------------------------------- */

function link(target, on) {
  const number = target.closest?.("[data-link]")?.dataset.link;
  if (number === undefined) return;
  for (const each of document.querySelectorAll(`[data-link="${number}"]`)) {
    (each.querySelector(".src") ?? each).classList.toggle("linked", on);
  }
}
for (const [kind, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(kind, (happened) => link(happened.target, on));
}

/* --- keyboard ----------------------------------------------------------------------------------------------------- */

document.addEventListener("keydown", (press) => {
  if (press.ctrlKey || press.metaKey || press.altKey || press.target.matches("input, select, textarea")) return;
  const field = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === press.key);
  if (field) { press.preventDefault(); field.focus(); field.select(); return; }
  if (press.key !== "j" && press.key !== "k") return;
  const rows = [...document.querySelectorAll(".reach")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + (press.key === "j" ? 1 : -1)))]?.focus();
});

/* --- the reader's own time zone, known to the server from the next request on ----------------------------------- */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`gateway_zone=${encodeURIComponent(zone)}`)) {
  document.cookie = `gateway_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  refresh();
}

/* --- files dropped on a form --------------------------------------------------------------------------------------- */

for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const over = (event) => { event.preventDefault(); form.classList.add("over-it"); };
  form.addEventListener("dragover", over);
  form.addEventListener("dragleave", () => form.classList.remove("over-it"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over-it");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
