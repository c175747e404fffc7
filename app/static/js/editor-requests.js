// How the editor talks to the server. A lost connection throws Offline; a refusal throws Refused, which
// carries the problem document.

export class Offline extends Error {}

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

export async function send(method, address, { json, form } = {}) {
  const headers = { 'X-CSRFToken': token(), 'X-Requested-With': 'XMLHttpRequest' };
  if (json) headers['Content-Type'] = 'application/json';
  let response;
  try {
    const body = json ? JSON.stringify(json) : form;
    response = await fetch(address, { method, headers, body, credentials: 'same-origin' });
  } catch {
    throw new Offline();
  }
  if (response.ok) return response;
  // A conflict that is shown as a part of a page is an answer, not a failure.
  if (form && response.headers.get('Content-Type')?.startsWith('text/html')) return response;
  if ([502, 503, 504].includes(response.status)) throw new Offline();
  throw new Refused(response.status, await response.json().catch(() => ({})));
}

// The server renders and escapes these parts; nothing else is ever parsed as HTML.
export function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

// Let the server draw the form of a fact anew from what was typed; nothing is stored.
export async function redraw(form, pairs) {
  const body = new FormData();
  for (const [name, value] of pairs) body.append(name, value);
  body.set('csrf_token', form.elements.csrf_token.value);
  body.set('action', 'kind');
  body.set('fragment', '1');
  body.delete('file');
  return parsed(await (await send('POST', form.getAttribute('action'), { form: body })).text());
}

export function token() {
  const meta = document.querySelector('meta[name="csrf-token"]');
  return meta?.content ?? document.querySelector('input[name="csrf_token"]')?.value ?? '';
}
