// The pictures of the README: the story of 1,000 deleted records, in four steps. Writes docs/images/console-*.png.
import { mkdirSync } from 'node:fs';
import { launch, openConsole } from './browser.mjs';
import { batch, makeTable, put, remove, sleep, startServer } from './server.mjs';

const OUT = new URL('../../docs/images/', import.meta.url);
const SIZE = { width: 1200, height: 720 };

const server = await startServer();
const browser = await launch();
try {
  mkdirSync(OUT, { recursive: true });
  await makeTable(server, 'Users');
  await batch(server, 'Users', 1200, put);
  await server.send('CreateBackup', { TableName: 'Users', BackupName: 'before-release' });
  for (let n = 1; n <= 60; n += 1) {
    await batch(server, 'Users', 10 + ((n * 7) % 40), (k) => put(1100 + k + n * 100));
    await sleep(1000);
  }
  await batch(server, 'Users', 1000, remove);
  await sleep(1500);

  const { page, check, close } = await openConsole(browser, server.url, { viewport: SIZE });
  const picture = async (name) => {
    await check(name);
    await page.screenshot({ path: new URL(`console-${name}.png`, OUT).pathname });
  };
  await page.goto(`${server.url}/console/#/tables/Users/backups`);
  await page.getByRole('row', { name: /before-release/ }).waitFor();
  await picture('backups');
  await page.getByRole('tab', { name: 'Time machine' }).click();
  await page.getByRole('button', { name: 'Just before this: 1,000 deletions' }).click();
  await page.getByText('Some items as they were').waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await picture('moment');
  await page.getByRole('button', { name: 'Bring all removed back' }).click();
  await page.getByRole('dialog').getByLabel('To confirm, type restore').fill('restore');
  await picture('bring-back');
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
  await page.getByText('Item restore job Completed').waitFor();
  await page.getByText('The table is the same now as it was then.').first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await picture('done');
  await close();
} finally {
  await browser.close();
  await server.stop();
}
