// The row of examples and "Your photo": js_on_load of a gr.HTML, whose value is the name of the example that is shown.
// One's own photo goes through the file input of the page's image component, whichever way it comes.

const examples = [...element.querySelectorAll(".example")];
const input = () => document.querySelector("#photo input[type=file]");
const panel = () => document.getElementById("photo-panel");
const isWanted = () => Boolean(panel()?.offsetParent); // not in tabs without a photo

function mark(name) {
  examples.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.name === name)));
}

function take(files) {
  const pictures = [...(files ?? [])].filter((file) => file.type.startsWith("image/") || !file.type);
  if (!pictures.length || !input()) return false;
  const given = new DataTransfer();
  given.items.add(pictures[0]);
  input().files = given.files;
  input().dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

examples.forEach((button, index) => button.addEventListener("click", () => {
  mark(button.dataset.name);
  trigger("select", { index, value: button.dataset.name });
}));
element.querySelector("#your-photo").addEventListener("click", () => input()?.click());

document.addEventListener("paste", (event) => {
  const typing = event.target.closest?.("input:not([type=file]), textarea, [contenteditable]");
  if (!typing && isWanted() && take(event.clipboardData?.files)) event.preventDefault();
});
// A file that is dropped anywhere would replace the page; other file inputs take theirs before this is reached.
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") && !event.defaultPrevented;
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  element.classList.toggle("dropping", isWanted());
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) element.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  element.classList.remove("dropping");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  if (isWanted()) take(event.dataTransfer.files);
});

watch("value", () => mark(props.value));
mark(props.value);
