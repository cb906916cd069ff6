/* What the pages besides the dashboard do with script, when there is any: copying. */

/* Without a clipboard (plain http) the text is selected: then it is one key away. */
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(code);
  }
}

for (const code of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain small copy';
  button.textContent = `Copy ${code.dataset.copy}`;
  button.addEventListener('click', () => copy(code, button));
  code.after(button);
}
