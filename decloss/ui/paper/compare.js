// Follows the tab's links in the page itself: js_on_load of a gr.HTML, whose value is the last pair that was asked for.
// A click with a key that opens a new window, and one without this script, goes to the link's address.
element.closest('[role="tabpanel"]').addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="?tab="]');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.dataset.models) {
    event.preventDefault();
    props.value = link.dataset.models;
    trigger("select");
    return;
  }
  const name = new URLSearchParams(link.getAttribute("href")).get("tab");
  const button = [...document.querySelectorAll('#tabs [role="tab"]')].find((tab) => tab.dataset.tabId === name && tab.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});
