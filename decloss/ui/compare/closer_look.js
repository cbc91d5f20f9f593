// One window of all pictures, enlarged without smoothing, labels below: js_on_load of a gr.HTML whose value is made by
// show_windows in closer_look.py. The place and the size of the window change in the browser alone.

const grid = element.querySelector(".windows");
const words = element.querySelector(".windows-words");
const root = `${(window.gradio_config?.root || document.baseURI).replace(/[?#].*$/, "").replace(/\/$/, "")}/`;
let drawn = ""; // the addresses of the pictures that stand in the grid

function make(pictures) {
  grid.replaceChildren(
    ...pictures.map(({ name, plain, source }) => {
      const figure = document.createElement("figure");
      const box = document.createElement("div");
      const image = document.createElement("img");
      const caption = document.createElement("figcaption");
      const title = document.createElement("b");
      image.src = root + source;
      image.alt = `${plain}, the window enlarged`;
      title.textContent = plain;
      caption.append(title);
      if (plain !== name) {
        const small = document.createElement("small");
        small.textContent = name;
        caption.append(" ", small);
      }
      box.append(image);
      figure.append(box, caption);
      return figure;
    })
  );
}

// A place counts once it was moved, or stands in the address.
const chosen = (look) => look.moved || /[?&][xy]=/.test(window.location.search);

// The middle of the window as shares of the pictures' sides, and whether the place lies in them.
function middle(look) {
  const { place, start, part } = look;
  if (!chosen(look)) return { at: start, inside: true };
  const at = [0, 1].map((axis) => (place[axis] / 100 - part[axis]) / part[axis + 2]);
  return { at, inside: at.every((share) => share >= 0 && share <= 1) };
}

function draw() {
  const look = props.value;
  if (!look || !look.pictures) {
    grid.replaceChildren();
    words.textContent = "";
    drawn = "";
    return;
  }
  const now = JSON.stringify(look.pictures);
  if (now !== drawn) make(look.pictures);
  drawn = now;
  const { at, inside } = middle(look);
  const sides = look.size.map((length) => Math.min(look.side, length));
  const corner = look.size.map((length, axis) =>
    Math.min(Math.max(0, Math.round(at[axis] * length - sides[axis] / 2)), length - sides[axis]));
  grid.style.setProperty("--shape", `${sides[0]} / ${sides[1]}`);
  grid.style.setProperty("--wide", `${(100 * look.size[0]) / sides[0]}%`);
  grid.style.setProperty("--left", `${(-100 * corner[0]) / sides[0]}%`);
  grid.style.setProperty("--top", `${(-100 * corner[1]) / sides[1]}%`);
  grid.dataset.corner = [...corner, ...sides].join();
  const size = `${sides[0]} × ${sides[1]} pixels`;
  if (!chosen(look)) words.textContent = `The window, ${size}, in which the networks’ details differ most.`;
  else if (inside) words.textContent = `The window, ${size}, at the place that you chose in the photo.`;
  else words.textContent = `The window, ${size}, nearest to your place: the place lies outside of the piece that was compared.`;
}

watch("value", draw);
draw();
