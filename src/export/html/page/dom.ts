/// <reference lib="dom" />
/** Elements. Text goes in as text: nothing that was recorded is ever read as markup. */
import { visible } from './visible.js';

export type Child = Node | string | undefined;

/** An element with attributes and children; an attribute that is `undefined` is left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value);
  }
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

/** An element that the page was written with. */
export function byId(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/** An id, and a button that copies it; where that is not allowed, it selects it. */
export function copyable(text: string, about: string): HTMLElement {
  const code = element('code', {}, visible(text));
  const button = element(
    'button',
    { type: 'button', class: 'copy', 'aria-label': `copy ${about}` },
    'copy',
  );
  const say = (word: string): void => {
    button.textContent = word;
    setTimeout(() => {
      button.textContent = 'copy';
    }, 1500);
  };
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(text).then(
      () => say('copied'),
      () => {
        getSelection()?.selectAllChildren(code);
        say('selected');
      },
    );
  });
  return element('span', { class: 'copyable' }, code, button);
}
