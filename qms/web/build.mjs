// Bundles the front end once at set-up: `node qms/web/build.mjs` writes qms/web/static/dist (git-ignored).
import { build, context } from 'esbuild';
import { PurgeCSS } from 'purgecss';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const rooms = dirname(here);
const root = dirname(rooms);
const assets = join(here, 'assets');
const out = join(here, 'static', 'dist');
const modules = join(root, 'node_modules');
const skip = new Set(['static', 'tests', '__pycache__', 'node_modules', 'migrations']);

/** Every source file of the product that may name a class or an icon. */
function sources(folder, found = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skip.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sources(path, found);
    else if (/\.(html|py|js)$/.test(entry.name)) found.push(path);
  }
  return found;
}

/** Icon names written in templates (`icon="x"`, `{% icon "x" %}`, `<c-icon name="x">`), Python (`icon="x"`) and scripts. */
function iconNames(files) {
  const patterns = [/\bicon\s*[=:]\s*["']([a-z0-9-]+)["']/g, /%\s*icon\s+["']([a-z0-9-]+)["']/g, /<c-icon\s+name=["']([a-z0-9-]+)["']/g, /\bicon\(["']([a-z0-9-]+)["']/g];
  const names = new Set();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const pattern of patterns) for (const match of text.matchAll(pattern)) names.add(match[1]);
  }
  return [...names].sort();
}

function symbol(name) {
  let svg;
  try { svg = readFileSync(join(modules, '@tabler/icons/icons/outline', `${name}.svg`), 'utf8'); } catch { return null; }
  const body = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>[\s\S]*/, '').replace(/\s*\n\s*/g, '');
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

function sprite(files) {
  const names = iconNames(files);
  const missing = names.filter((name) => !symbol(name));
  if (missing.length) throw new Error(`No such icon in @tabler/icons: ${missing.join(', ')}`);
  writeFileSync(join(out, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join('')}</svg>\n`);
  return names.length;
}

/** Tabler reduced to the rules our markup can reach; class names that mean something else here are left out. */
async function tabler(files) {
  const content = files.map((file) => ({ raw: readFileSync(file, 'utf8'), extension: 'html' }));
  const [{ css }] = await new PurgeCSS().purge({
    content,
    css: [{ raw: readFileSync(join(modules, '@tabler/core/dist/css/tabler.min.css'), 'utf8') }],
    variables: false, keyframes: true, fontFace: true,
    blocklist: ['lead', 'grid', 'prose', 'signal', 'signal-bar', 'toolbar', 'kbd', 'mention', 'chart', 'sparkline', 'signature', 'vr', 'scroll-x', 'placeholder', 'visible', 'pagination', 'active', 'show', 'empty', 'chip', 'page', 'note', 'tabs', 'menu', 'mark', 'list', 'card', 'alert', 'progress', 'badge', 'avatar', 'table', 'nav', 'modal', 'row', 'col', 'container', 'steps', 'timeline', 'status', 'ribbon', 'calendar', 'loader', 'dropdown', 'toast', 'tag', 'offcanvas', /^(bg|text|border|m[tbxyse]?|p[tbxyse]?|d|g|gap|w|h|fs|fw|col|row|flex|order|opacity|shadow|rounded|position|top|bottom|start|end|icon)-/, 'icon', 'live', 'start', 'end', 'cursor'],
    safelist: { standard: ['html', 'body', ':root'], greedy: [] },
  });
  return css;
}

/** A strict content policy refuses style attributes set as text; the same through the style object is allowed. */
const strictStyles = {
  name: 'strict-styles',
  setup(b) {
    b.onLoad({ filter: /zrender[\\/]lib[\\/]svg[\\/]patch\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const plain = "else {\n                    elm.setAttribute(key, cur);\n                }";
      if (!text.includes(plain)) throw new Error('zrender changed: review how it writes style attributes');
      return { contents: text.replace(plain, "else if (key === 'style') {\n elm.style.cssText = cur;\n } " + plain), loader: 'js' };
    });
  },
};

const reducedTabler = (files) => ({
  name: 'tabler',
  setup(b) {
    b.onResolve({ filter: /^\.\/tabler\.css$/ }, () => ({ path: 'tabler.css', namespace: 'tabler' }));
    b.onLoad({ filter: /.*/, namespace: 'tabler' }, async () => ({ contents: await tabler(files), loader: 'css', resolveDir: join(modules, '@tabler/core/dist/css') }));
  },
});

const watch = process.argv.includes('--watch');
const files = [rooms, ...readdirSync(root).map((name) => join(root, name)).filter((path) => existsSync(join(path, 'apps.py')))].flatMap((path) => sources(path));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const icons = sprite(files);
const options = {
  entryPoints: ['theme.js', 'app.js', 'charts.js', 'css/app.css'].map((name) => join(assets, name)),
  outdir: out, entryNames: '[name]', assetNames: 'files/[name]-[hash]',
  bundle: true, minify: !watch, format: 'iife', target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  loader: { '.woff2': 'file', '.woff': 'file', '.svg': 'dataurl' },
  nodePaths: [modules], legalComments: 'linked', logLevel: 'warning',
  plugins: [strictStyles, reducedTabler(files)],
};
if (watch) {
  await (await context(options)).watch();
} else {
  await build({ ...options, metafile: true }).then(({ metafile }) => {
    for (const [path, { bytes }] of Object.entries(metafile.outputs)) if (/\.(js|css)$/.test(path)) console.log(`${path} ${(bytes / 1024).toFixed(0)} kB`);
  });
  console.log(`icons.svg ${icons} icons`);
}
