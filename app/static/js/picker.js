// The picker of the front page: fields with suggestions, growing from two to eight.
import { Suggestions } from './suggestions.js';

export function mount(form) {
  const { dataset } = form;
  const fields = form.querySelector('.picker-fields');
  const status = form.querySelector('[data-status]');
  const add = form.querySelector('[data-add]');
  const most = Number(dataset.most);
  const options = {
    source: dataset.suggest,
    labels: { list: dataset.labelList, found: dataset.labelFound, none: dataset.labelNone },
    announce: (text) => { status.textContent = text; },
  };
  let made = fields.children.length;

  const inputs = () => [...fields.querySelectorAll('input')];

  function equip(field) {
    const input = field.querySelector('input');
    new Suggestions(input, { ...options, onPick: () => moveOn(input) });
    field.append(makeRemove(field));
  }

  // After a pick the next empty field is where the reader goes; with none left, the button.
  function moveOn(input) {
    const next = inputs().find((other) => other !== input && !other.value);
    (next ?? form.querySelector('[type="submit"]')).focus();
  }

  function makeRemove(field) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'picker-remove';
    button.textContent = '×';
    button.addEventListener('click', () => remove(field));
    return button;
  }

  function remove(field) {
    const neighbour = field.previousElementSibling ?? field.nextElementSibling;
    field.remove();
    renumber();
    neighbour.querySelector('input').focus();
  }

  function grow() {
    const field = fields.lastElementChild.cloneNode(true);
    field.querySelector('.picker-remove').remove();
    field.querySelector('.suggestions').remove();
    made += 1;
    const input = field.querySelector('input');
    input.value = '';
    input.id = `pick-${made}`;
    field.querySelector('label').htmlFor = input.id;
    equip(field);
    fields.append(field);
    renumber();
    input.focus();
  }

  function renumber() {
    const all = [...fields.children];
    for (const [index, field] of all.entries()) {
      const number = index + 1;
      field.querySelector('label').textContent = dataset.label.replace('{n}', number);
      const button = field.querySelector('.picker-remove');
      button.setAttribute('aria-label', dataset.labelRemove.replace('{n}', number));
      button.hidden = all.length <= 2;
    }
    if (add) add.hidden = all.length >= most;
  }

  for (const field of [...fields.children]) equip(field);
  renumber();
  add?.addEventListener('click', (event) => {
    event.preventDefault();
    grow();
  });
  form.addEventListener('submit', () => {
    // Empty fields would only lengthen the address.
    for (const input of inputs()) input.disabled = !input.value.trim();
  });
  // Coming back with the browser's Back restores the page as it was left.
  addEventListener('pageshow', () => inputs().forEach((input) => { input.disabled = false; }));
}
