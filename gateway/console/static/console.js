// Enhancements only: every page works without this file.
// Contracts: data-live="name" is replaced when something happened; data-still stops that; form[data-auto] sends itself;
// data-link="n" ties a value to its place in the file; data-key names the key that focuses an input.

/* --- keeping the page fresh ------------------------------------------------------------------------------------- */

let fetching = false;
let again = false;

function busy(part) {
  const selection = getSelection();
  const selecting = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return selecting || part.hasAttribute("data-still") || part.querySelector("details[open], :target");
}

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
      const at = focusPlace(part);
      const tops = [...part.querySelectorAll(".scroll")].map((each) => each.scrollTop);
      part.replaceChildren(...document.adoptNode(next).childNodes);
      part.querySelectorAll(".scroll").forEach((each, number) => { each.scrollTop = tops[number] ?? 0; });
      if (at) part.querySelector(at)?.focus({ preventScroll: true });
    }
  } catch { /* the next event tries again */ } finally {
    fetching = false;
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

/* --- forms ------------------------------------------------------------------------------------------------------- */

for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (change) => { if (change.target.matches("select")) form.requestSubmit(); });
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  });
}
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (submit) => {
    if (form.dataset.sent) submit.preventDefault();
    form.dataset.sent = "yes";
  });
}

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
