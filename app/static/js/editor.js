// The entry's page as its editor: rows open in place, save by themselves, move, go and come back.
import { Offline, Refused, parsed, redraw, send } from './editor-requests.js';
import { equip, showErrors } from './editor-widgets.js';
import * as drafts from './editor-drafts.js';

const TEXTS = ['name', 'kind', 'state', 'group', 'note', 'verified_on', 'comment'];
const PARTS = ['text', 'unit', 'alt'];
const DRAFT_PAUSE = 250; // ms
const ROW_CONTROLS = ['[data-edit]', '[data-move="-1"]', '[data-move="1"]', '.row-more'];

export function mount(root) {
  new Editor(root).start();
}

class Editor {
  constructor(root) {
    this.root = root;
    this.labels = root.dataset;
    this.address = root.dataset.address;
    this.revision = Number(root.dataset.revision);
    this.facts = root.closest('.entry-facts');
    this.toast = root.querySelector('[data-toast]');
    this.open = new Map(); // form → { place, row, draft, isDirty }
  }

  get table() {
    return this.facts.querySelector('#attributes');
  }

  start() {
    drafts.settle();
    this.facts.addEventListener('click', (event) => this.onClick(event));
    this.facts.addEventListener('keydown', (event) => this.onKey(event));
    document.addEventListener('click', (event) => {
      if (!event.target.closest('.row-moves')) this.toggleMoves(event.target.closest('.row-more'));
    });
    addEventListener('beforeunload', (event) => {
      if ([...this.open.values()].some((state) => state.isDirty)) event.preventDefault();
    });
    this.equipRows();
    this.restoreDrafts();
  }

  onClick(event) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const edit = event.target.closest('[data-edit]');
    const add = event.target.closest('[data-add]');
    const move = event.target.closest('[data-move]');
    if (edit) this.openRow(event, edit);
    else if (add) this.openNew(event, add);
    else if (move) {
      event.preventDefault();
      this.moveRow(move.closest('tr'), Number(move.dataset.move), move);
    }
  }

  onKey(event) {
    if (event.key === 'Escape') this.toggleMoves(null);
    const row = event.target.closest('tr[data-key]');
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !step || !event.altKey || event.target.matches('input, select, textarea')) return;
    event.preventDefault();
    this.moveRow(row, step, event.target);
  }

  // Opening and closing

  async openRow(event, link) {
    event.preventDefault();
    const { key } = link.closest('tr').dataset;
    const place = document.createElement('tr');
    place.className = 'is-editing';
    const cell = document.createElement('td');
    cell.colSpan = 2;
    place.append(cell);
    const state = {
      show: () => {
        // The rows may have been exchanged since the link was pressed.
        state.row = this.rowOf(key);
        state.row.after(place);
        state.row.hidden = true;
      },
      hide: () => {
        place.remove();
        state.row.hidden = false;
      },
    };
    await this.fetchInto(cell, link.href, state);
  }

  async openNew(event, link) {
    event.preventDefault();
    if (!this.makesRoom(link)) return;
    const cell = this.root.querySelector('[data-place-new]');
    await this.fetchInto(cell, link.href, { opener: link, show: () => {}, hide: () => cell.replaceChildren() });
  }

  newForm() {
    return this.root.querySelector('[data-place-new] form');
  }

  // One new fact at a time: a form in which nothing was typed gives way to another.
  makesRoom(link) {
    const form = this.newForm();
    if (!form) return true;
    const { isDirty, opener } = this.open.get(form);
    if (!isDirty && opener !== link) {
      this.close(form, false);
      return true;
    }
    form.elements.name.focus();
    if (isDirty && opener !== link) this.say(this.labels.labelOneAtATime);
    return false;
  }

  async fetchInto(cell, href, state) {
    const address = new URL(href, location.href);
    address.searchParams.set('fragment', '1');
    let html;
    try {
      html = await (await send('GET', address)).text();
    } catch (error) {
      if (error instanceof Refused) location.assign(href);
      else this.say(this.labels.labelOffline, { label: this.labels.labelRetry, act: () => this.fetchInto(cell, href, state) });
      return null;
    }
    // What was said of the row before would cover the fields of this one on a phone.
    this.toast.replaceChildren();
    state.show();
    return this.put(cell, parsed(html), state);
  }

  // Put a form that the server rendered into a place, and make it work.
  put(cell, fragment, state, isDirty = false) {
    const isBusy = this.isAtWork();
    cell.replaceChildren(fragment);
    const form = cell.querySelector('[data-attribute-form]');
    this.open.set(form, Object.assign(state, { cell, draft: form.dataset.draft, isDirty }));
    equip(form, { address: this.address, labels: this.labels, announce: (text) => this.announce(text) });
    form.addEventListener('submit', (event) => this.onSubmit(event, form));
    form.addEventListener('input', () => this.onInput(form));
    form.querySelector('[data-cancel]').addEventListener('click', (event) => {
      event.preventDefault();
      this.close(form);
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !this.open.get(form)?.isDirty) this.close(form);
    });
    if (!isBusy) focusFirst(form);
    return form;
  }

  // Whether the person types in an open form, other than `form`, whose focus must not be taken.
  isAtWork(form = null) {
    return [...this.open.keys()].some((other) => other !== form && other.contains(document.activeElement));
  }

  onInput(form) {
    const state = this.open.get(form);
    if (!state) return;
    state.isDirty = true;
    clearTimeout(state.timer);
    state.timer = setTimeout(() => drafts.keep(state.draft, form), DRAFT_PAUSE);
  }

  close(form, focus = true) {
    const state = this.open.get(form);
    if (!state) return;
    clearTimeout(state.timer);
    drafts.drop(state.draft);
    this.open.delete(form);
    state.hide();
    if (focus) (state.row?.querySelector('[data-edit]') ?? state.opener ?? this.root.querySelector('[data-add]'))?.focus();
  }

  // Saving

  onSubmit(event, form) {
    event.preventDefault();
    const action = event.submitter?.value ?? 'save';
    if (action === 'kind') this.changeKind(form);
    else this.act(form, action);
  }

  async changeKind(form) {
    const { wantedUnit } = form.dataset;
    const typed = () => {
      const pairs = [...new FormData(form)];
      return wantedUnit === undefined ? pairs : [...pairs.filter(([name]) => name !== 'unit'), ['unit', wantedUnit]];
    };
    // A known name that was picked waits for its value; else whoever goes through the kinds stays there.
    await this.rerender(form, typed, wantedUnit === undefined);
  }

  // `typed` returns what the form is to hold. Whatever is typed until the answer is there is asked for too.
  async rerender(form, typed, keepsFocus = false) {
    const state = this.open.get(form);
    try {
      let pairs;
      let fragment;
      do {
        pairs = typed();
        fragment = await redraw(form, pairs);
        // Closed meanwhile.
        if (!this.open.has(form)) return;
      } while (JSON.stringify(pairs) !== JSON.stringify(typed()));
      const focused = keepsFocus && form.contains(document.activeElement) ? document.activeElement : null;
      this.open.delete(form);
      const fresh = this.put(state.cell, fragment, state, true);
      drafts.keep(state.draft, fresh);
      if (focused?.id) handOver(focused, fresh.querySelector(`#${CSS.escape(focused.id)}`));
    } catch (error) {
      this.fail(error, form, () => this.rerender(form, typed, keepsFocus));
    }
  }

  async act(form, action) {
    const isNew = !form.dataset.key;
    const method = { delete: 'DELETE' }[action] ?? (isNew ? 'POST' : 'PATCH');
    const json = action === 'delete' ? envelope(form) : bodyOf(form);
    const focused = form.contains(document.activeElement) ? document.activeElement : null;
    // Nothing is sent twice, and nothing typed that the row which comes back would sweep away.
    form.inert = true;
    try {
      const answer = await (await send(method, form.getAttribute('action'), { json })).json();
      this.done(form, answer, action);
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'attribute-conflict') await this.conflict(form, action);
      else {
        form.inert = false;
        if (document.activeElement === document.body) focused?.focus();
        this.fail(error, form, () => this.act(form, action));
      }
    } finally {
      form.inert = false;
    }
  }

  async done(form, answer, action) {
    const state = this.open.get(form);
    this.dialog?.close();
    this.setRevision(answer.revision);
    this.close(form, false);
    const fresh = answer.html ? parsed(answer.html).querySelector('tr') : null;
    // As the reader sees it: the category has names in other languages.
    const name = (fresh ?? state.row)?.querySelector('th')?.textContent.trim() ?? form.elements.name.value;
    let key = answer.attribute?.key ?? '';
    const changed = key || form.dataset.key;
    if (action === 'delete') key = this.removeRow(state.row);
    else if (state.row?.isConnected) state.row.replaceWith(fresh);
    else this.appendRow(fresh);
    this.equipRows();
    const label = action === 'delete' ? this.labels.labelDeleted : this.labels.labelSaved;
    const note = answer.moved_on ? ` ${this.labels.labelMovedOn}` : '';
    this.offerUndo(label.replace('{name}', name) + note, answer.revision, changed);
    // What others did meanwhile is shown too, and a new row goes under its heading.
    await this.refresh();
    this.focusRow(key);
  }

  // Whoever types elsewhere by now is left there.
  focusRow(key) {
    if (this.isAtWork()) return;
    (this.rowOf(key)?.querySelector('[data-edit]') ?? this.root.querySelector('[data-add]')).focus();
  }

  fail(error, form, again) {
    form.inert = false;
    if (error instanceof Offline) {
      drafts.keep(this.open.get(form).draft, form);
      this.say(this.labels.labelOffline, { label: this.labels.labelRetry, act: again });
    } else if (error instanceof Refused) {
      const path = error.problem.code === 'key-taken' ? 'name' : '';
      const detail = error.problem.code === 'csrf' ? this.labels.labelExpired : error.problem.detail;
      const errors = error.problem.errors ?? [{ path, message: detail ?? this.labels.labelFailed }];
      showErrors(form, errors, { focus: !this.isAtWork(form) });
      // What is said of the form as a whole is told where it stands.
      if (errors.some((each) => each.path)) this.announce(this.labels.labelRefused);
      else this.toast.replaceChildren();
    } else throw error;
  }

  // The same form once more, as a form: the server answers it with all three sides.
  async conflict(form, action) {
    const state = this.open.get(form);
    const body = new FormData(form);
    body.set('action', action);
    body.set('fragment', '1');
    body.delete('file');
    let response;
    try {
      response = await send('POST', form.getAttribute('action'), { form: body });
    } catch (error) {
      this.fail(error, form, () => this.conflict(form, action));
      return;
    }
    if (response.status !== 409) {
      this.close(form);
      await this.refresh();
      return;
    }
    this.showConflict(form, state, await response.text());
  }

  showConflict(form, state, html) {
    // Whoever is at work in another form by now finds it in its place, when there is time for it.
    const waits = this.isAtWork(form);
    const title = document.createElement('h2');
    title.textContent = this.labels.labelConflict;
    title.tabIndex = -1;
    const cell = document.createElement('div');
    this.open.delete(form);
    // The form goes where the sides are shown: left where it was too, its labels would have two fields each.
    state.cell.replaceChildren();
    drafts.drop(state.draft);
    const { hide } = state;
    const dialog = waits ? null : this.conflictDialog();
    (dialog ?? state.cell).append(title, cell);
    dialog?.showModal();
    const gone = () => {
      dialog?.remove();
      hide();
    };
    const inner = this.put(cell, parsed(html), { ...state, hide: gone }, true);
    drafts.keep(this.open.get(inner).draft, inner);
    cell.querySelector('[data-keep-theirs]').addEventListener('click', async (event) => {
      event.preventDefault();
      this.close(inner, false);
      await this.refresh();
      this.focusRow(form.dataset.key || inner.dataset.key);
    });
    // What happened is read first; on a phone the field is below it.
    if (dialog) title.focus();
    else this.say(`${this.labels.labelConflict}: ${inner.elements.name.value}`, { label: this.labels.labelShow, act: () => title.focus() });
  }

  conflictDialog() {
    this.dialog?.remove();
    const dialog = document.createElement('dialog');
    dialog.className = 'conflict-dialog';
    dialog.setAttribute('aria-label', this.labels.labelConflict);
    // Escape would throw away what was typed.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    this.root.append(dialog);
    this.dialog = dialog;
    return dialog;
  }

  async undo(revision, key) {
    try {
      await send('POST', `${this.address}/undo`, { form: new URLSearchParams({ revision }) });
      await this.refresh();
      this.say(this.labels.labelUndone);
      this.focusRow(key);
    } catch (error) {
      if (error instanceof Offline) this.say(this.labels.labelOffline, { label: this.labels.labelRetry, act: () => this.undo(revision, key) });
      else this.say(error.problem?.detail ?? this.labels.labelFailed);
      this.focusRow(key);
    }
  }

  // Rows

  rowOf(key) {
    return this.table.querySelector(`tr[data-key="${CSS.escape(key)}"]`);
  }

  // Returns the key of the row that is in its place now, where the focus goes.
  removeRow(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    return next?.dataset.key ?? '';
  }

  appendRow(row) {
    const body = this.table.tBodies[this.table.tBodies.length - 1] ?? this.table.createTBody();
    body.append(row);
  }

  setRevision(revision) {
    this.revision = revision;
    for (const field of this.root.querySelectorAll('#row-actions [name="base_revision"]')) field.value = revision;
  }

  // Exchange the facts for those of the server, but not under an open form.
  async refresh() {
    let page;
    try {
      const html = await (await send('GET', this.address)).text();
      page = new DOMParser().parseFromString(html, 'text/html');
    } catch {
      return;
    }
    const fresh = page.querySelector('[data-module~="editor"]');
    if (!fresh || this.table.querySelector('form')) return;
    const giveBack = this.takeFocus();
    this.table.replaceWith(page.querySelector('#attributes'));
    const [old, now] = [this.root, fresh].map((place) => place.querySelector('.facts-empty'));
    if (old && now) old.replaceWith(now);
    else if (old) old.remove();
    this.facts.querySelector('.empty')?.remove();
    const change = page.getElementById('last-change');
    if (change) document.getElementById('last-change')?.parentNode.replaceWith(change.parentNode);
    this.setRevision(Number(fresh.dataset.revision));
    this.equipRows();
    giveBack();
  }

  // Remember which control of which row has the focus; return what gives it back once the rows were exchanged.
  takeFocus() {
    const control = document.activeElement;
    const row = control.closest('tr[data-key]');
    if (!row || !this.table.contains(row)) return () => {};
    const isOpen = row.querySelector('.row-more')?.getAttribute('aria-expanded') === 'true';
    const same = ROW_CONTROLS.find((each) => control.matches(each)) ?? '[data-edit]';
    return () => {
      const now = this.rowOf(row.dataset.key);
      if (isOpen && now) this.toggleMoves(now.querySelector('.row-more'));
      (now?.querySelector(same) ?? this.root.querySelector('[data-add]')).focus({ preventScroll: true });
    };
  }

  // Order

  equipRows() {
    for (const row of this.table.querySelectorAll('tr[data-key]')) {
      if (row.querySelector('.drag-handle')) continue;
      const handle = document.createElement('span');
      handle.className = 'drag-handle';
      handle.title = this.labels.labelDrag;
      handle.setAttribute('aria-hidden', 'true');
      handle.textContent = '⠿';
      const moves = row.querySelector('.row-moves');
      moves?.prepend(handle);
      moves?.before(this.moreButton(row));
      this.equipDrag(row, handle);
    }
  }

  // On a narrow screen what moves a row waits behind this; elsewhere all of it stands there.
  moreButton(row) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'row-tool row-more';
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-label', this.labels.labelMove.replace('{name}', row.querySelector('th').textContent.trim()));
    button.textContent = '⋯';
    return button;
  }

  // Opens or closes what `more` stands for, and closes what the others do.
  toggleMoves(more) {
    for (const other of this.table.querySelectorAll('.row-more')) {
      const opens = other === more && more.getAttribute('aria-expanded') === 'false';
      other.setAttribute('aria-expanded', String(opens));
    }
  }

  // By mouse, pen or finger. The rows beside it are moved around the dragged one: a row that is itself
  // moved would lose the pointer.
  equipDrag(row, handle) {
    let before = null;
    const end = (isDropped) => {
      if (!before) return;
      const { rows, order } = before;
      before = null;
      row.classList.remove('is-dragged');
      if (!isDropped) row.parentNode.append(...rows);
      else if (this.order().join() !== order) this.saveOrder(row);
    };
    handle.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      before = { rows: [...row.parentNode.children], order: this.order().join() };
      row.classList.add('is-dragged');
    });
    handle.addEventListener('pointermove', (event) => {
      if (before) dragTo(row, event.clientY);
    });
    handle.addEventListener('pointerup', () => end(true));
    handle.addEventListener('pointercancel', () => end(false));
  }

  order() {
    return [...this.table.querySelectorAll('tr[data-key]')].map((row) => row.dataset.key);
  }

  moveRow(row, step, control) {
    const rows = [...row.parentNode.querySelectorAll(':scope > tr[data-key]')];
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    control.focus();
    this.saveOrder(row);
  }

  // One after the other, each upon the revision that the one before it made.
  saveOrder(row) {
    const order = this.order();
    const name = row.querySelector('th').textContent.trim();
    this.saving = (this.saving ?? Promise.resolve()).then(() => this.putOrder(order, row, name));
  }

  async putOrder(order, row, name) {
    try {
      const json = { order, base_revision: this.revision };
      const answer = await (await send('PUT', `${this.address}/attributes/order`, { json })).json();
      this.setRevision(answer.revision);
      const label = this.labels.labelMoved.replace('{name}', name).replace('{n}', order.indexOf(row.dataset.key) + 1);
      this.offerUndo(label, answer.revision, row.dataset.key);
      if (answer.moved_on) await this.refresh();
    } catch (error) {
      if (error instanceof Offline) this.say(this.labels.labelOffline, { label: this.labels.labelRetry, act: () => this.putOrder(order, row, name) });
      else {
        await this.refresh();
        this.say(error.problem?.detail ?? this.labels.labelFailed);
      }
    }
  }

  // Telling

  announce(text) {
    this.say(text, null, true);
  }

  offerUndo(text, revision, key) {
    this.say(text, { label: this.labels.labelUndo, act: () => this.undo(revision, key) });
  }

  say(text, action = null, isQuiet = false) {
    const words = document.createElement('span');
    words.textContent = text ?? '';
    const parts = [words];
    if (action) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button button-quiet';
      button.textContent = action.label;
      button.addEventListener('click', () => {
        this.toast.replaceChildren();
        action.act();
      });
      parts.push(button, this.closer());
    }
    this.toast.classList.toggle('visually-hidden', isQuiet);
    this.toast.replaceChildren(...parts);
    clearTimeout(this.fading);
    if (!action && !isQuiet) this.fading = setTimeout(() => this.toast.replaceChildren(), 8000);
  }

  closer() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button-quiet button-icon';
    button.setAttribute('aria-label', this.labels.labelClose);
    button.textContent = '×';
    button.addEventListener('click', () => {
      this.toast.replaceChildren();
      if (!this.isAtWork()) this.root.querySelector('[data-add]').focus({ preventScroll: true });
    });
    return button;
  }

  // Drafts of an earlier visit open again, upon the revision that they were written on.
  async restoreDrafts() {
    for (const name of drafts.list(this.labels.drafts)) {
      const draft = drafts.find(name);
      const row = this.rowOf(name.slice(this.labels.drafts.length));
      const edit = row?.querySelector('[data-edit]');
      if (!draft) drafts.drop(name);
      else if (edit) await this.restore(draft, edit);
      // What was typed for a row that others deleted is offered as a new one; a second waits its turn.
      else if (!row && !this.newForm()) await this.restore(draft, this.root.querySelector('[data-add]'));
    }
  }

  async restore({ pairs }, link) {
    const event = new Event('restore');
    await (link.matches('[data-edit]') ? this.openRow(event, link) : this.openNew(event, link));
    const form = [...this.open.keys()].pop();
    if (!form) return;
    await this.rerender(form, () => pairs);
    this.say(this.labels.labelRestored);
  }
}

function focusFirst(form) {
  const known = form.elements.name.value;
  const first = form.querySelector('[data-value] :is(input, textarea, select):not([type="hidden"], [hidden])');
  (known && first && !first.closest('[hidden]') ? first : form.elements.name).focus();
}

// Let the field that takes the place of another have its focus, and the caret where it was.
function handOver(old, fresh) {
  fresh?.focus();
  if (typeof old.selectionStart === 'number' && typeof fresh?.selectionStart === 'number') fresh.setSelectionRange(old.selectionStart, old.selectionEnd);
}

const EDGE = 72; // px from the window's edge within which dragging scrolls
const SCROLL = 16; // px a step

// Let the row change places with its neighbours until it is where the pointer is.
function dragTo(row, y) {
  const above = () => neighbour(row, 'previousElementSibling');
  const below = () => neighbour(row, 'nextElementSibling');
  for (let other = above(); other && y < middle(other); other = above()) row.after(other);
  for (let other = below(); other && y > middle(other); other = below()) row.before(other);
  if (y < EDGE) scrollBy(0, -SCROLL);
  else if (y > innerHeight - EDGE) scrollBy(0, SCROLL);
}

function neighbour(row, direction) {
  let other = row[direction];
  while (other && (other.hidden || !other.dataset.key)) other = other[direction];
  return other;
}

function middle(row) {
  const box = row.getBoundingClientRect();
  return box.top + box.height / 2;
}

function envelope(form) {
  const fields = new FormData(form);
  return {
    base_revision: Number(fields.get('base_revision')),
    comment: fields.get('comment') ?? '',
    minor: fields.has('minor'),
  };
}

function bodyOf(form) {
  const fields = new FormData(form);
  const body = { ...envelope(form), sources: sourcesOf(fields) };
  for (const name of TEXTS) body[name] = fields.get(name) ?? '';
  if (body.state === 'value') {
    body.input = Object.fromEntries(PARTS.filter((part) => fields.has(part)).map((part) => [part, fields.get(part)]));
  }
  return body;
}

function sourcesOf(fields) {
  const titles = fields.getAll('source_title');
  return fields.getAll('source_url')
    .map((url, index) => ({ url: url.trim(), title: titles[index].trim() }))
    .filter(({ url, title }) => url || title);
}
