// The button #copy-link copies the page's address, with its view but without anything that is meant for its owner alone.

const OWNERS = /key|secret|token|owner|password/i;
const SAID_FOR = 4000; // milliseconds

function linkToCopy() {
  const link = new URL(location.href);
  [...link.searchParams.keys()].filter((key) => OWNERS.test(key)).forEach((key) => link.searchParams.delete(key));
  link.hash = "";
  return link;
}

const field = element.querySelector("#copy-link-text");
const said = element.querySelector("#copy-link-said");
let timer = 0;

// What is said is heard, and stands on the button for a while; the button's own words come back.
function say(button, text) {
  const words = button.querySelector("span") ?? button;
  button.dataset.words ??= words.textContent;
  button.dataset.said = "";
  said.textContent = words.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    words.textContent = button.dataset.words;
    said.textContent = "";
    delete button.dataset.said;
  }, SAID_FOR);
}

// Pages that are not served over https have no clipboard: the link is then shown, selected, for the visitor to copy.
function copyByHand(text) {
  field.value = text;
  field.hidden = false;
  field.focus();
  field.select();
  return document.execCommand("copy");
}

field.addEventListener("blur", () => { field.hidden = true; });

async function copyLink(button) {
  const link = linkToCopy();
  let copied = false;
  try {
    await navigator.clipboard.writeText(link.href);
    copied = true;
  } catch {
    copied = copyByHand(link.href);
    if (copied) button.focus();
  }
  const own = link.searchParams.get("photo") === "own";
  say(button, copied ? (own ? "Copied, without your photo" : "Copied") : "Copy the selected link");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#copy-link");
  if (button) copyLink(button);
});
