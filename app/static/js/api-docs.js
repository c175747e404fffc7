// Sends what the forms of the API's pages say, and shows the answer. No cookie goes along.
export function mount(element) {
  const token = element.querySelector('#api-token');
  element.querySelector('.api-sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    signIn(event.target, element.dataset, token);
  });
  for (const form of element.querySelectorAll('.api-try')) {
    showExample(form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      send(form, element.dataset, token.value.trim());
    });
  }
  openTarget();
  window.addEventListener('hashchange', openTarget);
}

// An example is shown until somebody writes another body.
function showExample(form) {
  const [types, body] = [form.querySelector('[data-in="type"]'), form.querySelector('[data-in="body"]')];
  if (!types) return;
  const show = () => {
    if (body.value && body.value !== body.dataset.shown) return;
    body.value = body.dataset.shown = types.selectedOptions[0].dataset.example ?? '';
    body.rows = Math.min(Math.max(body.value.split('\n').length, 3), 16);
  };
  types.addEventListener('change', show);
  show();
}

async function signIn(form, texts, token) {
  const told = form.querySelector('[role="status"]');
  const password = form.querySelector('#api-password');
  try {
    const answer = await fetch(`${texts.prefix}/token`, {
      method: 'POST',
      headers: { Authorization: basic(form.querySelector('#api-name').value, password.value) },
      credentials: 'omit',
    });
    const body = await answer.json();
    told.textContent = answer.ok ? told.dataset.done : body.detail;
    if (answer.ok) [token.value, password.value] = [body.token, ''];
  } catch {
    told.textContent = texts.failed;
  }
}

// Latin letters are not all there is in names: RFC 7617 has them in UTF-8.
function basic(name, password) {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${password}`)))}`;
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

async function send(form, texts, token) {
  const output = form.querySelector('.api-answer');
  output.hidden = false;
  const [line, body] = [output.querySelector('strong'), output.querySelector('pre')];
  try {
    const answer = await fetch(addressOf(form, texts.prefix), requestOf(form, token));
    line.textContent = `${answer.status} ${answer.statusText} ${answer.headers.get('ETag') ?? ''}`;
    await show(answer, body);
  } catch (error) {
    line.textContent = texts.failed;
    body.textContent = String(error);
  }
}

function addressOf(form, prefix) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll('[data-in="path"]')) {
    path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
  }
  for (const field of form.querySelectorAll('[data-in="query"]')) {
    // Filters are typed as they are written in an address: attr.mass.gte=2 t&attr.rings=true
    if (field.name === 'filters') new URLSearchParams(field.value).forEach((value, name) => query.append(name, value));
    else if (field.value) query.append(field.name, field.value);
  }
  return prefix + path + (query.size ? `?${query}` : '');
}

function requestOf(form, token) {
  const headers = new Headers();
  for (const field of form.querySelectorAll('[data-in="header"]')) {
    if (field.value) headers.set(field.name, field.value);
  }
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const request = { method: form.dataset.method, headers, credentials: 'omit', redirect: 'follow' };
  const file = form.querySelector('[data-in="file"]');
  const body = form.querySelector('[data-in="body"]');
  if (file?.files.length) {
    request.body = new FormData();
    request.body.append('file', file.files[0]);
  } else if (body?.value) {
    headers.set('Content-Type', form.querySelector('[data-in="type"]').value);
    request.body = body.value;
  }
  return request;
}

// A stream has no end: what has come so far is shown, up to as much as one can read.
async function show(answer, body) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader && text.length < 200000) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    body.textContent = text;
  }
  reader?.cancel();
  body.textContent = pretty(text);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
