// The log-in of the header as a dialog. The form is fetched when it is asked for, so that pages of
// visitors need no session; it posts to the page of the log-in, which also shows what was refused.

export function mount(link) {
  if (typeof HTMLDialogElement === 'undefined' || location.pathname.startsWith('/users/')) return;
  link.setAttribute('aria-haspopup', 'dialog');
  let dialog = null;
  link.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    try {
      dialog ??= await build(link);
    } catch {
      location.assign(link.href);
      return;
    }
    dialog.showModal();
    dialog.querySelector('input:not([type=hidden])')?.focus();
  });
}

async function build(link) {
  const address = new URL(link.href);
  address.searchParams.set('dialog', '1');
  const [response] = await Promise.all([
    fetch(address, { credentials: 'same-origin', headers: { Accept: 'text/html' } }),
    styled(link.dataset.styles),
  ]);
  if (!response.ok) throw new Error(response.statusText);
  const dialog = document.createElement('dialog');
  dialog.className = 'account-dialog';
  dialog.setAttribute('aria-labelledby', 'account-dialog-title');
  dialog.append(head(link, dialog), parsed(await response.text()));
  document.body.append(dialog);
  return dialog;
}

function head(link, dialog) {
  const row = document.createElement('div');
  row.className = 'account-dialog-head';
  const title = document.createElement('h2');
  title.id = 'account-dialog-title';
  title.textContent = link.dataset.title;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'button button-quiet button-icon';
  close.setAttribute('aria-label', link.dataset.close);
  close.textContent = '×';
  close.addEventListener('click', () => dialog.close());
  row.append(title, close);
  return row;
}

function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

function styled(address) {
  if (document.querySelector(`link[href="${address}"]`)) return null;
  return new Promise((resolve) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = address;
    style.onload = style.onerror = resolve;
    document.head.append(style);
  });
}
