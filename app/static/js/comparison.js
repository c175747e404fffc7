// The comparison: every control is a link that works alone; here a click exchanges only what changed,
// and the browser's Back brings each view back.

const PARTS = ['head', 'body'];

export function mount(root) {
  let shown = location.pathname + location.search;
  let asked = 0;
  const status = root.querySelector('[data-status]');

  equip();
  root.addEventListener('click', onClick);
  root.addEventListener('toggle', onToggle, true);
  document.addEventListener('click', closeMenus);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeMenus(event);
  });
  addEventListener('popstate', () => {
    // A jump to an anchor is no other view.
    if (location.pathname + location.search !== shown) show(location.href, false);
  });

  // Some controls need a script, so they are hidden until it is here.
  function equip() {
    for (const button of root.querySelectorAll('[data-copy], [data-print]')) button.hidden = false;
  }

  function onClick(event) {
    const link = event.target.closest('a[data-view], a[data-fold]');
    if (link && isPlain(event)) {
      event.preventDefault();
      if ('fold' in link.dataset) fold(link);
      show(link.href, true, nameOf(link));
    } else if (event.target.closest('[data-copy]')) copy();
    else if (event.target.closest('[data-print]')) print();
  }

  async function onToggle(event) {
    if (event.target.id !== 'adder' || event.newState !== 'open') return;
    const input = event.target.querySelector('#adder-name');
    input.focus();
    if (input.getAttribute('role') === 'combobox') return;
    const suggestions = await import('./suggestions.js');
    suggestions.mount(input.form);
  }

  // At once for the eye; the server's answer brings the addresses of all other links in step.
  function fold(link) {
    const open = link.getAttribute('aria-expanded') !== 'true';
    link.setAttribute('aria-expanded', String(open));
    for (const row of link.closest('tbody').querySelectorAll('tr[data-key]')) row.hidden = !open;
  }

  async function show(url, push, name = '') {
    asked += 1;
    const number = asked;
    let page;
    try {
      const response = await fetch(url, { headers: { Accept: 'text/html' } });
      page = new DOMParser().parseFromString(await response.text(), 'text/html');
    } catch {
      status.textContent = root.dataset.labelFailed;
      return;
    }
    // An answer that a later click overtook is dropped.
    if (number !== asked) return;
    const fresh = page.querySelector('[data-module~="comparison"]');
    if (!fresh) {
      location.assign(url);
      return;
    }
    exchange(fresh, name);
    document.title = page.title;
    if (push) history.pushState(null, '', url);
    shown = location.pathname + location.search;
  }

  function exchange(fresh, name) {
    const before = root.querySelector('.comparison-scroll');
    const scrolled = [before.scrollLeft, before.scrollTop, scrollX, scrollY];
    const hadFocus = root.contains(document.activeElement);
    for (const part of PARTS) {
      const selector = `[data-part="${part}"]`;
      root.querySelector(selector).replaceWith(fresh.querySelector(selector));
    }
    const after = root.querySelector('.comparison-scroll');
    [after.scrollLeft, after.scrollTop] = scrolled;
    scrollTo(scrolled[2], scrolled[3]);
    equip();
    if (hadFocus || name) refocus(name, after);
    const told = fresh.querySelector('[data-status]').textContent;
    // That all rows are back is news only where some were hidden.
    status.textContent = told || (status.textContent && root.dataset.labelAll);
  }

  // The control that was used, if it is still there; else the table.
  function refocus(name, table) {
    const links = [...root.querySelectorAll('a[data-view], a[data-fold]')];
    const same = name && links.find((link) => nameOf(link) === name);
    (same || table).focus({ preventScroll: true });
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = root.dataset.labelCopied;
    } catch {
      status.textContent = root.dataset.labelNotCopied;
    }
  }

  function closeMenus(event) {
    for (const menu of root.querySelectorAll('.menu[open]')) {
      if (event.type === 'keydown' || !menu.contains(event.target)) {
        menu.open = false;
        if (event.type === 'keydown') menu.querySelector('summary').focus();
      }
    }
  }
}

// A click with a modifier, or of another button, is for the browser: a new tab, a download.
function isPlain(event) {
  return event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}

function nameOf(link) {
  return link.getAttribute('aria-label') || link.textContent.replace(/\d+/g, '').trim();
}
