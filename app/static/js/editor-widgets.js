// What a script adds to the form of an attribute: suggestions, chips, the picker of colours, uploads, the
// value read back. Each works on the fields that are there anyway.
import { Suggestions } from './suggestions.js';
import { send } from './editor-requests.js';

const PAUSE = 350; // ms of quiet before a value is read back
// An element in quotation marks that is not closed yet may contain separators.
const OPEN_QUOTE = /^\s*"(?:[^"]|"")*$/;

export function equip(form, { address, labels, announce }) {
  const suggest = { labels: { list: labels.labelNames, found: labels.labelFound, none: labels.labelNone }, announce };
  nameSuggestions(form, address, suggest);
  for (const input of form.querySelectorAll('[data-entry]')) entrySuggestions(input, announce);
  for (const area of form.querySelectorAll('[data-chips]')) chips(area);
  for (const picker of form.querySelectorAll('[data-colour]')) colour(picker, form);
  for (const input of form.querySelectorAll('[data-upload]')) upload(input, form, announce);
  sources(form);
  readBack(form, address);
  states(form);
  kinds(form);
}

function nameSuggestions(form, address, options) {
  const input = form.elements.name;
  if (!address || form.dataset.key) return;
  new Suggestions(input, {
    ...options,
    source: `${address}/names`,
    onPick: ({ kind, unit, group }) => {
      if (!form.elements.group.value) form.elements.group.value = group;
      const changes = form.elements.kind.value !== kind;
      form.elements.kind.value = kind;
      if (form.elements.unit && !form.elements.unit.value) form.elements.unit.value = unit;
      form.dataset.wantedUnit = unit;
      if (changes) form.elements.kind.dispatchEvent(new Event('change', { bubbles: true }));
      else form.elements.text?.focus?.();
    },
  });
}

function entrySuggestions(input, announce) {
  const { suggest, labelList, labelFound, labelNone } = input.dataset;
  new Suggestions(input, {
    source: suggest,
    labels: { list: labelList, found: labelFound, none: labelNone },
    announce,
    onPick: ({ slug }) => {
      input.value = slug;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
  });
}

// The text area stays the truth: chips are drawn from it and written back to it.
function chips(area) {
  const box = document.createElement('div');
  box.className = 'chip-box';
  const entry = document.createElement('input');
  entry.className = 'chip-entry form-control';
  entry.placeholder = area.dataset.labelAdd;
  entry.dir = 'auto';
  entry.id = `${area.id}-entry`;
  area.labels[0].htmlFor = entry.id;
  area.before(box, entry);
  area.hidden = true;

  const write = (elements) => {
    area.value = elements.map(quoted).join('\n');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  };
  function draw() {
    const elements = split(area.value);
    box.replaceChildren(...elements.map((element, index) => chip(element, () => {
      write(elements.filter((_, other) => other !== index));
      entry.focus();
    })));
  }
  function chip(element, remove) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'edit-chip';
    button.setAttribute('aria-label', area.dataset.labelRemove.replace('{name}', element));
    const text = document.createElement('bdi');
    text.textContent = element;
    button.append(text, ' ×');
    button.addEventListener('click', remove);
    return button;
  }
  function take() {
    if (!entry.value.trim()) return;
    write([...split(area.value), ...split(entry.value)]);
    entry.value = '';
  }
  entry.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && entry.value.trim()) {
      event.preventDefault();
      take();
    } else if (event.key === 'Backspace' && !entry.value) write(split(area.value).slice(0, -1));
  });
  entry.addEventListener('input', (event) => {
    event.stopPropagation();
    if (!event.isComposing && /[,，、;；]$/.test(entry.value) && !OPEN_QUOTE.test(entry.value)) take();
  });
  entry.addEventListener('blur', take);
  area.addEventListener('input', draw);
  draw();
}

// As the server splits a list: at commas, semicolons and line ends, unless within quotation marks.
function split(text) {
  const found = text.matchAll(/[^\S\n]*"((?:[^"]|"")*)"[^\S\n]*(?=[,，、;；\n]|$)|([^,，、;；\n]+)/g);
  return [...found].map(([, inner, plain]) => (inner === undefined ? plain.trim() : inner.replaceAll('""', '"'))).filter(Boolean);
}

function quoted(element) {
  return /[,，、;；\n]|^"/.test(element) ? `"${element.replaceAll('"', '""')}"` : element;
}

function colour(picker, form) {
  const { text } = form.elements;
  picker.hidden = false;
  picker.addEventListener('input', () => {
    text.value = picker.value;
    text.dispatchEvent(new Event('input', { bubbles: true }));
  });
  text.addEventListener('input', () => {
    if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value;
  });
}

function upload(input, form, announce) {
  input.addEventListener('change', async () => {
    if (!input.files.length) return;
    const body = new FormData();
    body.set('file', input.files[0]);
    input.setAttribute('aria-busy', 'true');
    try {
      const answer = await (await send('POST', input.dataset.upload, { form: body })).json();
      form.elements.text.value = answer.file;
      input.value = '';
      showErrors(form, []);
      form.elements.text.dispatchEvent(new Event('input', { bubbles: true }));
      announce(input.dataset.labelDone);
    } catch (error) {
      const message = error.problem?.errors?.[0]?.message ?? error.problem?.detail ?? input.dataset.labelFailed ?? '';
      showErrors(form, [{ path: 'value', message }]);
    }
    input.removeAttribute('aria-busy');
  });
}

function sources(form) {
  const box = form.querySelector('[data-sources]');
  const button = form.querySelector('[data-add-source]');
  button.hidden = false;
  button.addEventListener('click', () => {
    const row = box.lastElementChild.cloneNode(true);
    for (const input of row.querySelectorAll('input')) {
      input.value = '';
      input.setAttribute('aria-label', input.getAttribute('aria-label').replace(/\d+/, box.children.length + 1));
    }
    box.append(row);
    row.querySelector('input').focus();
  });
}

function readBack(form, address) {
  const place = form.querySelector('[data-read-back]');
  let timer;
  let asked = 0;
  async function ask() {
    asked += 1;
    const number = asked;
    const fields = new FormData(form);
    const text = fields.get('text') ?? '';
    if (!address || !text.trim() || fields.get('state') !== 'value' || text.length > 2000) {
      place.textContent = '';
      return;
    }
    const query = new URLSearchParams({ kind: fields.get('kind'), key: form.dataset.key, text });
    for (const name of ['unit', 'alt']) if (fields.has(name)) query.set(name, fields.get(name));
    let answer;
    try {
      answer = await (await fetch(`${address}/read-back?${query}`)).json();
    } catch {
      return;
    }
    if (number !== asked) return;
    // What is understood as it was typed needs no reading back.
    const isToldAlready = 'error' in answer && form.querySelector('[data-value] [data-error]:not([hidden])');
    const isPlain = answer.text === text.trim();
    place.textContent = isPlain || isToldAlready ? '' : answer.text ?? answer.error ?? '';
    place.classList.toggle('is-refused', 'error' in answer);
  }
  form.querySelector('[data-value]').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

function states(form) {
  const value = form.querySelector('[data-value]');
  const update = () => { value.hidden = form.elements.state.value !== 'value'; };
  form.elements.state.addEventListener('change', update);
  update();
}

function kinds(form) {
  const button = form.querySelector('[data-kind-change]');
  button.hidden = true;
  form.elements.kind.addEventListener('change', () => form.requestSubmit(button));
}

// Each refusal beside its field; the first refused field gets the focus, or what is said of the form as a
// whole, which may be out of sight, unless that would take it from somebody who is at work elsewhere by now.
export function showErrors(form, errors, { focus = true } = {}) {
  for (const place of form.querySelectorAll('[data-error]')) {
    place.hidden = true;
    place.textContent = '';
  }
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  form.querySelector('[data-read-back]').textContent = '';
  let first = null;
  for (const { path, message } of errors) {
    const wanted = path.split('.')[0];
    const box = form.querySelector(`[data-path="${CSS.escape(wanted)}"]`) ?? form.querySelector('[data-path=""]');
    const place = box.querySelector('[data-error]');
    place.hidden = false;
    place.textContent = [place.textContent, message].filter(Boolean).join(' ');
    box.closest('details')?.setAttribute('open', '');
    const field = box.querySelector('input:not([type="hidden"]), select, textarea');
    field?.setAttribute('aria-invalid', 'true');
    if (!field) place.tabIndex = -1;
    first ??= field ?? place;
  }
  if (focus) first?.focus();
}
