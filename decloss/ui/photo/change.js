// The button that unfolds the photo panel: the rest of it has the attribute "data-open" to go by. A change of tab folds it.

const button = element.querySelector("button");
const panel = () => document.getElementById("photo-panel");

function open(wanted) {
  panel()?.toggleAttribute("data-open", wanted);
  if (!wanted) panel()?.removeAttribute("data-camera");
  button.setAttribute("aria-expanded", String(wanted));
}

button.addEventListener("click", () => open(!panel().hasAttribute("data-open")));
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#tabs [role=tab]")) open(false);
});
