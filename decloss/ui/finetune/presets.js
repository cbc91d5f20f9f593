// Marks the chosen button: js_on_load of a gr.HTML, whose value is the name of the preset, or "" for other weights.
const buttons = [...element.querySelectorAll("button[data-preset]")];
const own = element.querySelector(".ft-own-weights");
function mark() {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.preset === props.value));
  own.hidden = buttons.some((button) => button.dataset.preset === props.value);
}
for (const button of buttons) {
  button.addEventListener("click", () => {
    props.value = button.dataset.preset;
    mark();
    trigger("select");
  });
}
watch("value", mark);
mark();
