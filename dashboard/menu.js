/* Menus are <details>: they open without script, and close when something else is wanted. */
import { html } from 'lit-html';

export function menu(label, content, { className = '', name } = {}) {
  return html`<details class="menu ${className}" name="menu"><summary aria-label=${name ?? label}>${label}</summary>
    <div class="panel">${content}</div></details>`;
}

export function closeMenus(except = null) {
  for (const open of document.querySelectorAll('details.menu[open]')) {
    if (open === except) continue;
    if (open.contains(document.activeElement)) open.querySelector('summary').focus();
    open.open = false;
  }
}

/** True when there was one to close; its label has the focus then. */
export function closeMenuByKey() {
  const open = document.querySelector('details.menu[open]');
  if (!open) return false;
  open.open = false;
  open.querySelector('summary').focus();
  return true;
}

export function watchMenus() {
  document.addEventListener('click', (event) => {
    closeMenus(event.target.closest('details.menu'));
  });
}
