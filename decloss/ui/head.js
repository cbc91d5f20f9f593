// The head of the page: light and dark, and the strip of tabs that scrolls sideways.

const theme = element.querySelector("#theme");
const STORED = "decloss-theme";

// The colours that a visitor chose are kept; what the address asks for (?__theme=dark) comes first.
function store(value) {
  try {
    if (value) window.localStorage.setItem(STORED, value);
    return window.localStorage.getItem(STORED);
  } catch {
    return null; // storage can be forbidden, as in some frames
  }
}
function setDark(dark) {
  document.body.classList.toggle("dark", dark);
  theme.setAttribute("aria-pressed", String(dark));
}
const asked = new URLSearchParams(window.location.search).get("__theme");
const kept = asked ? null : store();
setDark(kept ? kept === "dark" : document.body.classList.contains("dark"));
theme.addEventListener("click", () => {
  const dark = !document.body.classList.contains("dark");
  setDark(dark);
  store(dark ? "dark" : "light");
  const address = new URLSearchParams(window.location.search);
  if (!address.has("__theme")) return;
  address.set("__theme", dark ? "dark" : "light"); // or a reload would bring the old colours back
  window.history.replaceState(window.history.state, "", `?${address}`);
});

// The chosen tab scrolls into view, in its strip alone: the page stays where it is. The strip may come after this.
function showChosen() {
  const strip = document.querySelector("#tabs [role=tablist]");
  const chosen = strip?.querySelector("[aria-selected=true]");
  if (!chosen) return;
  const room = strip.clientWidth - chosen.offsetWidth;
  strip.scrollTo({ left: chosen.offsetLeft - room / 2, behavior: "auto" });
}
function watchTabs() {
  const strip = document.querySelector("#tabs [role=tablist]");
  if (!strip) return requestAnimationFrame(watchTabs);
  new MutationObserver(showChosen).observe(strip, { attributeFilter: ["aria-selected"], subtree: true, childList: true });
  new ResizeObserver(showChosen).observe(strip);
}
watchTabs();
