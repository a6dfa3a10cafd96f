// How long a person waits for the first content of each page where there is much: a table of 100,000 items of which
// 20,000 were deleted, 50 further tables, 5,000 backups. Prints milliseconds; takes some minutes to make the data.
import { launch, openConsole } from './browser.mjs';
import { makeTable, remove, startServer } from './server.mjs';

const ITEMS = 100_000;
const DELETED = 20_000;
const TABLES = 50;
const BACKUPS = 5_000;
const NOTE = 'x'.repeat(100);

const server = await startServer();

// work(0) ... work(count - 1), four at a time.
async function each(count, work) {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

function write(count, request) {
  return each(count / 25, (at) => {
    const requests = Array.from({ length: 25 }, (_, n) => request(at * 25 + n));
    return server.send('BatchWriteItem', { RequestItems: { Big: requests } });
  });
}

const nameOf = (n) => `T${String(n % TABLES).padStart(2, '0')}`;

async function makeData() {
  await makeTable(server, 'Big');
  await write(ITEMS, (n) => ({
    PutRequest: { Item: { UserId: { S: `user-${n}` }, Visits: { N: String(n) }, Note: { S: NOTE } } },
  }));
  await write(DELETED, remove);
  for (let n = 0; n < TABLES; n += 1) await makeTable(server, nameOf(n));
  await each(BACKUPS, (n) => server.send('CreateBackup', { TableName: nameOf(n), BackupName: `backup-${n}` }));
}

// From the change of the URL until the text is there, and until the second text is.
async function measure(page, name, hash, first, whole = first) {
  const times = await page.evaluate(
    async ([to, ...texts]) => {
      if (to !== location.hash) {
        location.hash = '#/none';
        while (new RegExp(texts[0]).test(document.body.innerText)) await new Promise(requestAnimationFrame);
      }
      const begin = performance.now();
      location.hash = to;
      const found = [];
      for (const text of texts) {
        while (!new RegExp(text).test(document.body.innerText)) await new Promise(requestAnimationFrame);
        found.push(Math.round(performance.now() - begin));
      }
      return found;
    },
    [hash, first, whole],
  );
  console.log(`${name}: ${times[0]} ms${whole === first ? '' : `, whole ${times[1]} ms`}`);
}

const browser = await launch();
try {
  await makeData();
  const { page } = await openConsole(browser, server.url);
  await measure(page, 'server', '#/server', 'Takes writes');
  await measure(page, 'dashboard', '#/dashboard', 'Protection', 'Every table has');
  await measure(page, 'tables', '#/tables', 'T00');
  await measure(page, 'backups', '#/backups', 'backup-\\d+', '\\(5,000\\)');
  await measure(page, 'backups of a table', '#/tables/T00/backups', 'backup-\\d+');
  await measure(page, 'items', '#/explore/Big', '50 items shown');
  await measure(page, 'time machine', '#/tables/Big/past', 'Just before this', 'user-\\d+');
  await page
    .getByRole('button', { name: /^Just before this: / })
    .first()
    .click();
  const here = await page.evaluate(() => location.hash);
  await measure(page, 'just before 20,000 deletions', here, 'so far [1-9]|\n20,000\n', '\n20,000\n');
} finally {
  await browser.close();
  await server.stop();
}
