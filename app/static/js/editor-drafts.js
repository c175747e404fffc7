// What was typed and is not stored yet, kept by the browser until it is: a reload, a crash, a lost answer or
// a log-in that ended loses nothing. A draft is named by the server, after its user and its entry.

const PREFIX = 'pkyx:draft:';
const SENT = 'pkyx:sent';
const NOT_KEPT = new Set(['csrf_token', 'file']);

export function keep(name, form) {
  const pairs = [...new FormData(form)].filter(([field]) => !NOT_KEPT.has(field));
  attempt(() => localStorage.setItem(PREFIX + name, JSON.stringify({ pairs })));
}

export function drop(name) {
  attempt(() => localStorage.removeItem(PREFIX + name));
}

export function find(name) {
  return attempt(() => JSON.parse(localStorage.getItem(PREFIX + name)));
}

// The names of all drafts that begin so.
export function list(beginning) {
  const all = attempt(() => Object.keys(localStorage)) ?? [];
  return all.filter((key) => key.startsWith(PREFIX + beginning)).map((key) => key.slice(PREFIX.length));
}

// A form of this tab is on its way; the page that comes back says whether it was stored.
export function send(name) {
  attempt(() => sessionStorage.setItem(SENT, name));
}

// Drop the draft that was sent, if this page says that it is stored; else it stays.
export function settle() {
  const name = attempt(() => sessionStorage.getItem(SENT));
  if (!name) return;
  attempt(() => sessionStorage.removeItem(SENT));
  if (document.querySelector('[data-stored]')) drop(name);
}

// Storage may be full, or forbidden by the reader; editing goes on without it.
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
