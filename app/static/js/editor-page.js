// A form on a page of its own: the same help while typing, a draft, and a question before it is left.
import { equip } from './editor-widgets.js';
import { redraw } from './editor-requests.js';
import * as drafts from './editor-drafts.js';

export async function mount(page) {
  const status = page.querySelector('[data-status]');
  const say = (text) => { status.textContent = text ?? ''; };
  drafts.settle();
  let form = page.querySelector('form');
  const draft = drafts.find(form.dataset.draft);
  // A form that the server sent back holds what was typed last.
  if (draft && !('typed' in form.dataset)) {
    form = await restored(form, draft);
    say(page.dataset.labelRestored);
  }
  if (isFact(form)) equip(form, { address: addressOf(form), labels: page.dataset, announce: say });
  guard(form, 'typed' in form.dataset);
}

function isFact(form) {
  return form.hasAttribute('data-attribute-form');
}

function addressOf(form) {
  return form.getAttribute('action').split('/attributes')[0];
}

function guard(form, wasTyped) {
  const { draft } = form.dataset;
  let isUnsaved = wasTyped;
  form.addEventListener('input', () => {
    isUnsaved = true;
    drafts.keep(draft, form);
  });
  form.addEventListener('submit', () => {
    isUnsaved = false;
    drafts.keep(draft, form);
    drafts.send(draft);
  });
  form.querySelector('[data-cancel]')?.addEventListener('click', () => {
    isUnsaved = false;
    drafts.drop(draft);
  });
  addEventListener('beforeunload', (event) => { if (isUnsaved) event.preventDefault(); });
}

// The fields of a fact depend on its kind, so the server draws them; the others are there already.
async function restored(form, { pairs }) {
  if (!isFact(form)) {
    fill(form, pairs);
    return form;
  }
  try {
    const fresh = (await redraw(form, pairs)).querySelector('form');
    form.replaceWith(fresh);
    return fresh;
  } catch {
    return form;
  }
}

function fill(form, pairs) {
  const taken = new Map();
  for (const [name, value] of pairs) {
    const place = taken.get(name) ?? 0;
    taken.set(name, place + 1);
    const field = form.querySelectorAll(`[name="${CSS.escape(name)}"]`)[place];
    if (field?.type === 'checkbox') field.checked = true;
    else if (field) field.value = value;
  }
}
