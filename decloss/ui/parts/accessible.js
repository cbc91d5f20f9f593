// What Gradio's markup lacks for keyboards and screen readers, mended from outside, for the whole page and as it changes.
() => {
  const skip = document.createElement("a");
  skip.className = "skip-link";
  skip.href = "#tabs";
  skip.textContent = "Skip to the content";
  skip.addEventListener("click", (event) => {
    event.preventDefault(); // the address belongs to what can be shared
    const content = [...document.querySelectorAll("#tabs > [role=tabpanel]")].find((panel) => panel.checkVisibility());
    if (!content) return;
    content.tabIndex = -1;
    content.focus({preventScroll: true});
    content.scrollIntoView({block: "start"});
  });
  document.body.prepend(skip);

  const name = (element, text) => {
    if (text && element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
  };
  const mend = () => {
    for (const button of document.querySelectorAll("button.reset-button[aria-label='Reset to default value']")) {
      const label = button.closest(".block")?.querySelector("[data-testid=block-info]")?.textContent.trim();
      if (label) name(button, `Reset ${label}`);
    }
  };
  let due = 0;
  const soon = () => { due ||= setTimeout(() => { due = 0; mend(); }, 150); };
  new MutationObserver(soon).observe(document.body, {childList: true, subtree: true});
  mend();

  const place = ({target}) => {
    const tip = target.closest?.(".tip"), line = tip?.querySelector(".tip-line");
    if (!line) return;
    tip.classList.remove("closed");
    const word = tip.getBoundingClientRect(), {offsetWidth: width, offsetHeight: height} = line;
    const below = word.bottom + 6 + height <= innerHeight;
    line.style.left = `${Math.max(8, Math.min(word.left, innerWidth - width - 8))}px`;
    line.style.top = `${below ? word.bottom + 6 : word.top - height - 6}px`;
    line.style.bottom = "auto";
  };
  for (const event of ["pointerover", "focusin"]) addEventListener(event, place);
  const close = () => document.querySelectorAll(".tip:is(:hover, :focus)").forEach((tip) => tip.classList.add("closed"));
  addEventListener("keydown", ({key}) => { if (key === "Escape") close(); });
  addEventListener("scroll", close, {capture: true, passive: true});
}
