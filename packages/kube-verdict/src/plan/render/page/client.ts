/** What the page does in a browser: filter, keys, theme and print. It works without, too. */

const cards = [...document.querySelectorAll<HTMLDetailsElement>('details.object')];
const nodes = [...document.querySelectorAll<SVGGElement>('g.node')];
const chips = [...document.querySelectorAll<HTMLButtonElement>('.chip')];
const filter = document.querySelector<HTMLInputElement>('#filter');
const shown = document.querySelector<HTMLOutputElement>('#shown');

function apply(): void {
  const words = (filter?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const actions = new Set(
    chips.flatMap((chip) =>
      chip.getAttribute('aria-pressed') === 'true' ? [chip.dataset.action] : [],
    ),
  );
  const found = new Set<string | undefined>();
  let count = 0;
  for (const card of cards) {
    const { text = '', action, id } = card.dataset;
    const isFound =
      words.every((word) => text.includes(word)) && (actions.size === 0 || actions.has(action));
    card.hidden = !isFound;
    if (isFound) {
      count++;
      found.add(id);
    }
  }
  const isFiltered = words.length > 0 || actions.size > 0;
  for (const node of nodes) {
    node.classList.toggle('dim', isFiltered && !found.has(node.dataset.id));
  }
  if (shown !== null) {
    const all = cards.length === 1 ? '1 object' : `${cards.length} objects`;
    shown.value = isFiltered ? `${count} of ${all}` : all;
  }
}

function summaries(): HTMLElement[] {
  return cards
    .filter(({ hidden }) => !hidden)
    .flatMap((card) => card.querySelector<HTMLElement>('summary') ?? []);
}

function move(by: number): void {
  const all = summaries();
  const now = all.findIndex((one) => one === document.activeElement);
  const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

function toggleAll(): void {
  const visible = cards.filter(({ hidden }) => !hidden);
  const isOpen = visible.some(({ open }) => !open);
  for (const card of visible) card.open = isOpen;
}

function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset.theme === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : dataset.theme === 'dark';
  dataset.theme = isDark ? 'light' : 'dark';
}

filter?.addEventListener('input', apply);
for (const chip of chips) {
  chip.addEventListener('click', () => {
    chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
    apply();
  });
}
document.querySelector('#theme')?.addEventListener('click', toggleTheme);

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = document.activeElement === filter;
  if (event.key === 'Escape' && filter !== null) {
    filter.value = '';
    filter.blur();
    for (const chip of chips) chip.setAttribute('aria-pressed', 'false');
    apply();
    return;
  }
  if (isTyping) return;
  const keys: Partial<Record<string, () => void>> = {
    '/': () => filter?.focus(),
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    e: toggleAll,
    t: toggleTheme,
  };
  const key = keys[event.key];
  if (key === undefined) return;
  event.preventDefault();
  key();
});

/** Opens the object that a link leads to. */
function open(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
    target.querySelector('summary')?.focus();
  }
}
addEventListener('hashchange', open);

let closed: HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  closed = cards.filter((card) => !card.open);
  for (const card of closed) card.open = true;
});
addEventListener('afterprint', () => {
  for (const card of closed) card.open = false;
});

apply();
if (location.hash !== '') open();
