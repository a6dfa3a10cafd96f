// Fails when the built console is larger than what it may be: compressed bytes of what the first page needs, of the
// largest page that is loaded later, and of styles with fonts.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const built = new URL('../../build/console/', import.meta.url);
const KIB = 1024;
const BUDGETS = { entry: 330 * KIB, page: 60 * KIB, styles: 260 * KIB };

const size = (name) => gzipSync(readFileSync(new URL(`assets/${name}`, built)), { level: 9 }).length;
const html = readFileSync(new URL('index.html', built), 'utf8');
const entry = new Set([...html.matchAll(/assets\/([^"]+\.js)"/g)].map(([, name]) => name));
const files = readdirSync(new URL('assets/', built));
const sum = (names) => names.reduce((all, name) => all + size(name), 0);

const scripts = files.filter((name) => name.endsWith('.js'));
const styles = files.filter((name) => /\.(css|woff2?)$/.test(name));
const sizes = {
  entry: sum(scripts.filter((name) => entry.has(name))),
  page: Math.max(0, ...scripts.filter((name) => !entry.has(name)).map(size)),
  styles: sum(styles),
};
let over = false;
for (const [name, budget] of Object.entries(BUDGETS)) {
  const kib = (bytes) => `${Math.round(bytes / KIB)} KiB`;
  console.log(`${name}: ${kib(sizes[name])} of ${kib(budget)}`);
  over ||= sizes[name] > budget;
}
if (over) {
  console.error('the console is over its budget (scripts/budgets.mjs)');
  process.exit(1);
}
