// Reads settings from a file or from the browser: js_on_load of a gr.HTML, whose value is {text, kept} for the server,
// which checks all of it.
const KEY = "decloss-finetune"; // where keep_script of saved.py puts them
const input = element.querySelector("input");

function send(text, kept) {
  props.value = { text, kept };
  trigger("input");
}

input.addEventListener("change", async () => {
  const file = input.files[0];
  input.value = ""; // so that the same file can be chosen again
  // What is too large is cut, so that the server can say so without getting all of it.
  if (file) send(await file.slice(0, 2 * Number(input.dataset.most)).text(), false);
});

let kept = null;
try {
  kept = localStorage.getItem(KEY);
} catch {
  // this browser keeps nothing
}
if (kept && !window.declossKept) send(kept, true);
window.declossKept = true;
