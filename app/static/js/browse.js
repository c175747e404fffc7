// A list: its filters, its order and the ticks that choose what to compare. All three work without it too.
const MOST = 8;
// From this width on the filters stand open beside the list.
const ROOM = '(min-width: 62rem)';

export function mount(browse) {
  const parts = { '.filters': filters, '.sorting': sorting, '.choosing': choosing };
  for (const [selector, equip] of Object.entries(parts)) {
    const element = browse.querySelector(selector);
    if (element) equip(element);
  }
}

// Fields left empty would only lengthen the address.
function filters(details) {
  if (matchMedia(ROOM).matches) details.open = true;
  const form = details.querySelector('form');
  const fields = () => [...form.querySelectorAll('input, select')];
  form.addEventListener('submit', () => {
    for (const field of fields()) field.disabled = !field.value.trim();
  });
  addEventListener('pageshow', () => fields().forEach((field) => { field.disabled = false; }));
}

// A choice takes effect at once; the button is for those without a script.
function sorting(form) {
  form.querySelector('[type="submit"]').hidden = true;
  form.addEventListener('change', () => form.requestSubmit());
}

// The button says how many will be compared, and waits for two.
function choosing(form) {
  const button = form.querySelector('[type="submit"]');
  const bar = form.querySelector('.choose-bar');
  const boxes = [...form.querySelectorAll('[type="checkbox"]')];
  const plain = button.textContent;

  function update() {
    const count = boxes.filter((box) => box.checked).length;
    button.textContent = count > 1 ? form.dataset.label.replace('{n}', count) : plain;
    button.disabled = count < 2;
    bar.classList.toggle('is-ready', count > 0);
    for (const box of boxes) box.disabled = count >= MOST && !box.checked;
  }

  form.addEventListener('change', update);
  addEventListener('pageshow', update);
  update();
}
