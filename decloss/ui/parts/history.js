// Keeps the page's address and the browser's history: js_on_load of a hidden gr.HTML, whose value is as address.py says.
// A change of tab or photo becomes an entry of the history, so that Back leads to what was seen before; any other change
// replaces the entry. Back, Forward and links such as "?tab=coo" move within the page, which is not loaded anew.

const { written, separator, places, own } = props.value;
const defaults = new Map(written);
let applied = ""; // the address whose values the controls have
let asked = null; // the address that the server is reading
let count = 0; // of the addresses that it was asked to read
let waiting = false; // whether the last one is not answered yet: then the controls may have the values of no address
let photos = [null, null]; // the photo before, and the one that is there
let mine = null; // the visitor's own photo when another took its place: the address only says that there was one
let shown = null; // the tab and the photo that the current entry stands for
let untouched = null; // the photo that was there when the server was asked, if its answer leaves the photo alone
let restored = null; // the photo that came with the current entry, until the visitor chooses another

const textOf = (value) => (Array.isArray(value) ? value.join(separator) : String(value ?? ""));

// Leaves out values equal to the defaults, and keeps what others wrote, such as the theme.
function addressOf(values) {
  const address = new URLSearchParams(location.search);
  written.forEach(([key, byDefault], index) => {
    const text = textOf(values[index]);
    if (text === byDefault) address.delete(key);
    else address.set(key, text);
  });
  return address.toString();
}

const indices = places.map((key) => written.findIndex(([name]) => name === key)); // of the tab and of the photo's name
const placeOf = (values) => indices.map((index) => textOf(values[index]));

const shownTab = () => document.querySelector("#tabs > .tab-wrapper [role=tab][aria-selected=true]")?.dataset.tabId;

// Puts the open tab among the values: after quick moves back and forward, late events still name tabs in between.
function withShownTab(values) {
  const tab = shownTab();
  if (tab) values[indices[0]] = tab;
  return values;
}

// Gives the control that holds the open tab the one that was selected, unless another has been opened meanwhile.
window.declossSelected = async (tab) => {
  await new Promise((done) => setTimeout(done)); // then the tab is marked as selected
  return (shownTab() ?? tab) === tab ? tab : { __type__: "update" };
};

function write(values, push) {
  const query = addressOf(values);
  shown = placeOf(values);
  applied = query ? `?${query}` : "";
  if (query === new URLSearchParams(location.search).toString()) return;
  history[push ? "pushState" : "replaceState"](null, "", (applied || location.pathname) + location.hash);
}

const isOwn = () => new URLSearchParams(location.search).get("photo") === own;

const urlOf = (photo) => photo?.url ?? "";

function see(photo) {
  if (photo && urlOf(photo) !== urlOf(photos[1])) photos = [photos[1], photo];
}

// Every control calls this when it changes, also while an address is being read: then the controls are halfway there.
// A link sets a tab and its controls at once, and the tab is drawn last: until then the entry is that of the tab before.
let drawing = 0; // the timer of what waits for that
window.declossWrite = (photo, ...values) => {
  see(photo);
  clearTimeout(drawing);
  const until = performance.now() + 1000; // after quick moves a late event names a tab that stays hidden
  const writeOnceDrawn = () => {
    if (!window.declossRestored) return;
    const isDrawn = textOf(values[indices[0]]) === (shownTab() ?? "");
    if (isDrawn || performance.now() > until) keep(photo, values);
    else drawing = setTimeout(writeOnceDrawn, 20);
  };
  writeOnceDrawn();
};

function keep(photo, values) {
  withShownTab(values);
  const wasOwn = isOwn();
  // While the photo is the restored one, another name is a late answer about the photo of an entry that was left.
  if (urlOf(photo) !== restored) restored = null;
  if (restored !== null) values[indices[1]] = shown[1];
  write(values, placeOf(values).some((text, index) => text !== shown[index]));
  if (wasOwn && !isOwn()) [mine] = photos;
}

// What the server gets: the address whose values the controls have, if there is one, and the one that they shall have.
window.declossAsk = (name) => {
  asked = location.search;
  const wanted = new URLSearchParams(asked).get(places[1]) ?? defaults.get(places[1]);
  untouched = name === wanted ? urlOf(photos[1]) : null;
  const before = waiting ? null : applied;
  waiting = true;
  count += 1;
  return [before, asked, String(count)];
};

// The server refused to read the address, since it has too many visitors: it is asked once more in a moment.
window.declossAgain = () => setTimeout(() => { if (waiting) trigger("input"); }, 2000);

// The controls have the values of an address: the current one, unless the visitor went on meanwhile.
window.declossDone = (answer, photo, ...values) => {
  see(photo);
  const [number] = answer.split(" ", 1);
  if (number !== String(count)) return;
  waiting = false;
  applied = answer.slice(number.length + 1);
  if (applied !== location.search) return move(); // a script of ours has changed the address since
  window.declossRestored = true;
  // Another photo than the answer's was chosen meanwhile, and its name is yet to come.
  restored = [null, urlOf(photo)].includes(untouched) ? urlOf(photo) : null;
  write(withShownTab(values), false);
  dispatchEvent(new Event("decloss-restored"));
  if (!photo && mine && isOwn()) showMine();
};

// Shows the visitor's own photo again, unless the server has deleted it, as it does after a while.
async function showMine() {
  const there = await fetch(mine.url, { method: "HEAD" }).then(({ ok }) => ok, () => false);
  if (there && isOwn()) trigger("edit");
}
window.declossMine = () => mine;

// Opens the address's tab without waiting for the server, which answers for all other controls.
function openTab() {
  const tab = new URLSearchParams(location.search).get("tab") ?? defaults.get("tab");
  const button = document.querySelector(`[role=tab][data-tab-id="${CSS.escape(tab)}"]`);
  if (button?.getAttribute("aria-selected") === "false") button.click();
}

function move() {
  dispatchEvent(new Event("decloss-moved"));
  if (location.search === asked && !window.declossRestored) return;
  if (new URLSearchParams(applied).get("photo") === own) [, mine] = photos;
  window.declossRestored = false;
  openTab();
  trigger("input");
}

// Opens an address as a new entry, with the values that it names and the defaults for all others.
window.declossGo = (search) => {
  if (search === location.search) return;
  history.pushState(null, "", search || location.pathname);
  move();
};

// Opens an address such as "?tab=coo&o.seed=3" as a new entry; what it does not name stays as it is.
window.declossOpen = (search) => {
  const address = new URLSearchParams(location.search);
  new URLSearchParams(search).forEach((value, key) => address.set(key, value));
  window.declossGo(`?${address}`);
};

// A jump within the page comes here, too: its address is the same but for what follows "#".
addEventListener("popstate", () => {
  if (!window.declossRestored || location.search !== applied) move();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || link.target || event.defaultPrevented || event.button) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  window.declossOpen(link.getAttribute("href"));
});
