// Rows of tabs begin at the one that is shown, where they are wider than the screen.
for (const tab of document.querySelectorAll('.tabs > [aria-current]')) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 40;

// Menus are <details>; this closes them on Escape, on a press elsewhere and after a choice.
const open = () => document.querySelectorAll('details.menu[open]');

document.addEventListener('click', (event) => {
  for (const menu of open()) if (!menu.contains(event.target) || event.target.closest('a.menu-i, [data-close-menu]')) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of open()) { menu.open = false; menu.querySelector('summary')?.focus(); event.stopPropagation(); }
}, true);
