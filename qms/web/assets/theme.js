// Theme and density before first paint: profile first, then what this browser kept, then the system.
const html = document.documentElement;
const wanted = html.dataset.theme || localStorage.getItem('pl-theme') || 'auto';
const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => { html.dataset.bsTheme = wanted === 'auto' ? (dark.matches ? 'dark' : 'light') : wanted; };
apply();
dark.addEventListener('change', apply);
html.classList.add('js');
