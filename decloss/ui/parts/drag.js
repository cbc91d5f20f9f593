// Sliders that draw in the browser while they move, and tell Gradio and the server once, when they rest: a drag through
// Gradio costs 100 ms and more a move. It stands before the text of a js_on_load that uses it (read_script in script.py):
//
//   followSlider("frequency-mu", (value) => draw(value));   // the slider's elem_id; `draw` is called once a frame at most
//
// The native `input` events of the slider's bar are kept from Gradio until the bar is let go: at the end of a drag, shortly
// after the last key, or when the focus leaves it. Then one `input` event with the last value passes.
// `element` is the gr.HTML's own: once it is gone from the page, so are the listeners.

function followSlider(id, draw) {
  const SETTLED = 250; // ms after the last key at which the slider counts as let go
  let kept = null; // the bar while Gradio does not know its value
  let passing = false;
  let byKeys = false;
  let settling = 0;
  let frame = 0;

  function show(bar) {
    const { min, max, value } = bar;
    const number = bar.closest(`#${id}`).querySelector('input[type="number"]');
    kept = bar;
    bar.style.setProperty("--range_progress", `${(100 * (value - min)) / (max - min)}%`); // as Gradio fills the bar
    number.value = value;
    if (!frame) {
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw(Number(bar.value));
      });
    }
  }

  function tell() {
    clearTimeout(settling);
    const bar = kept;
    kept = null;
    if (!bar) return;
    passing = true;
    bar.dispatchEvent(new Event("input", { bubbles: true }));
    passing = false;
  }

  const listeners = {
    input(event) {
      if (passing) return;
      event.stopPropagation(); // in the capture phase: neither Svelte's listener on the bar nor the one on the page hears it
      show(event.target);
    },
    change() {
      if (!byKeys) return tell();
      clearTimeout(settling);
      settling = setTimeout(tell, SETTLED);
    },
    keydown() { byKeys = true; },
    pointerdown() { byKeys = false; },
    focusout: tell,
    pointerup: tell,
    pointercancel: tell, // a finger that turned out to scroll
  };
  const hear = (event) => {
    if (!element.isConnected) {
      Object.keys(listeners).forEach((name) => document.removeEventListener(name, hear, true));
    } else if (event.target.matches?.(`#${id} input[type="range"]`)) {
      listeners[event.type](event);
    }
  };
  Object.keys(listeners).forEach((name) => document.addEventListener(name, hear, true));
}
