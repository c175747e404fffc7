// An ARIA 1.2 combobox with a listbox: what is typed stays what is typed until the reader picks.
// Any form with a name to choose can use the class; mount is for forms with one such field.

const PAUSE = 120; // ms of quiet before asking

// A form whose field suggests entries: picking one visits it, or sends the form.
export function mount(form) {
  const { dataset } = form;
  const input = form.querySelector('[data-suggests]');
  const status = document.createElement('p');
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  form.append(status);
  new Suggestions(input, {
    source: dataset.suggest,
    labels: { list: dataset.labelList, found: dataset.labelFound, none: dataset.labelNone },
    announce: (text) => { status.textContent = text; },
    onPick: (suggestion) => {
      if (dataset.visit) location.assign(dataset.visit + encodeURIComponent(suggestion.slug));
      else form.requestSubmit();
    },
  });
}

let names = null;

// What the reader calls each category, by slug. The header says where to ask; once is enough for a page.
function categoryNames() {
  names ??= fetch(document.querySelector('[data-categories]').dataset.categories)
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => ({})); // Offline: the slugs say nearly as much.
  return names;
}

export class Suggestions {
  // options: { source, labels: { list, found, none }, onPick(suggestion), announce(text) }
  constructor(input, options) {
    this.input = input;
    this.options = options;
    this.found = [];
    this.active = -1;
    this.asked = 0;
    this.list = this.#makeList();
    this.#describe();
    this.#listen();
  }

  #makeList() {
    const list = document.createElement('ul');
    list.className = 'suggestions';
    list.id = `${this.input.id}-suggestions`;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', this.options.labels.list);
    list.hidden = true;
    this.input.after(list);
    return list;
  }

  #describe() {
    const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.list.id };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
  }

  #listen() {
    this.input.addEventListener('input', (event) => {
      // While an input method composes, the text is half-typed; compositionend brings the rest.
      if (!event.isComposing) this.#askSoon();
    });
    this.input.addEventListener('compositionend', () => this.#askSoon());
    this.input.addEventListener('keydown', (event) => this.#onKey(event));
    this.input.addEventListener('blur', () => this.close());
    // Pressing must not take the focus away, or blur would close the list before the click lands.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.#pick(Number(option.dataset.index));
    });
  }

  #askSoon() {
    clearTimeout(this.timer);
    this.asked += 1;
    const text = this.input.value.trim();
    if (!text) return this.close();
    this.timer = setTimeout(() => this.#ask(text, this.asked), PAUSE);
    return undefined;
  }

  async #ask(text, number) {
    let found = [];
    try {
      const address = `${this.options.source}?q=${encodeURIComponent(text)}`;
      const [response, categories] = await Promise.all([fetch(address), categoryNames()]);
      this.categories = categories;
      if (response.ok) found = await response.json();
    } catch {
      // Offline: the field still takes text, and the server resolves it.
    }
    // An answer that was overtaken by further typing is dropped.
    if (number === this.asked && document.activeElement === this.input) this.#show(found);
  }

  #show(found) {
    this.found = found;
    this.active = -1;
    this.list.replaceChildren(...found.map((suggestion, index) => this.#makeOption(suggestion, index)));
    this.input.removeAttribute('aria-activedescendant');
    this.#expand(found.length > 0);
    const { found: some, none } = this.options.labels;
    this.options.announce?.(found.length ? some.replace('{n}', found.length) : none);
  }

  #makeOption(suggestion, index) {
    const option = document.createElement('li');
    option.id = `${this.list.id}-${index}`;
    option.dataset.index = index;
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', 'false');
    const title = document.createElement('bdi');
    title.textContent = suggestion.title;
    const category = document.createElement('span');
    category.className = 'suggestion-category';
    category.textContent = this.categories?.[suggestion.category]
      ?? suggestion.category?.replaceAll('-', ' ') ?? '';
    option.append(title, ' ', category);
    return option;
  }

  #onKey(event) {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      if (this.list.hidden) this.#askSoon();
      else this.#move(moves[event.key]);
    } else if (event.key === 'Enter' && this.active >= 0) {
      event.preventDefault();
      this.#pick(this.active);
    } else if (event.key === 'Escape' && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  #move(step) {
    // One place more than there are options: the text itself.
    const places = this.found.length + 1;
    this.active = ((this.active + 1 + step + places) % places) - 1;
    for (const [index, option] of [...this.list.children].entries()) {
      option.setAttribute('aria-selected', String(index === this.active));
    }
    const option = this.list.children[this.active];
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else this.input.removeAttribute('aria-activedescendant');
  }

  #pick(index) {
    const suggestion = this.found[index];
    this.input.value = suggestion.title;
    this.close();
    this.options.onPick?.(suggestion);
  }

  #expand(open) {
    this.list.hidden = !open;
    this.input.setAttribute('aria-expanded', String(open));
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.active = -1;
    this.input.removeAttribute('aria-activedescendant');
    this.#expand(false);
  }
}
