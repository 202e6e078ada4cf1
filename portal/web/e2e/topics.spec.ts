import { expect, expectAccessible, settled, test } from './support';

test('topics are paged, sorted and searched by the server, and the URL says how', async ({ open }) => {
  const page = await open('ada', '/topics?limit=25');
  const table = page.getByRole('table', { name: 'Topics' });
  const status = page.getByText(/ of \d+$/);
  await expect(status).toContainText('1–25 of');
  await expect(table.getByRole('row')).toHaveCount(26);
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(status).toContainText('26–50 of');
  await expect(page).toHaveURL(/cursor=/);
  await page.reload();
  await expect(status).toContainText('26–50 of');
  await page.getByRole('button', { name: 'Previous page' }).click();
  await expect(status).toContainText('1–25 of');

  await table.getByRole('button', { name: 'Name' }).click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(table.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'descending');
  await expect(table.getByRole('row').nth(1)).toContainText('shop.');

  await page.keyboard.press('/');
  await page.keyboard.type('TOPIC-01');
  await expect(table.getByRole('row')).toHaveCount(11);
  await expect(page).toHaveURL(/q=TOPIC-01/);
  await page.getByLabel('Search: Topics').fill('no such topic');
  await expect(page.getByText('Nothing found')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear the search' }).last().click();
  await expect(table.getByRole('row')).toHaveCount(26);
});

test('columns are chosen and kept, and the list goes out as YAML and CSV', async ({ open }) => {
  const page = await open('ada', '/topics?q=shop');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Id' }).click();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(page.getByRole('columnheader', { name: 'Id' })).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Save this page as CSV' }).click();
  expect((await download).suggestedFilename()).toBe('topics.csv');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Show as YAML' }).click();
  await expect(page.getByRole('dialog')).toContainText('name: shop.orders');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('what is known of topics stands in the list, sorted and filtered by the server', async ({ open }) => {
  const page = await open('lena', '/topics');
  const table = page.getByRole('table', { name: 'Topics' });
  for (const name of ['Owner', 'Messages in', 'Messages kept', 'Readers', 'Dead letters']) {
    await expect(table.getByRole('columnheader', { name, exact: true })).toBeVisible();
  }
  await table.getByRole('button', { name: 'Messages kept' }).click();
  await expect(page).toHaveURL(/sort=-figures\.stored_messages/);
  const first = table.getByRole('row').nth(1);
  // Figures are samples, a few seconds old. Canaries send one a second: after ten minutes they are ahead.
  await expect(first).toContainText(/shop\.|lanemq\.canary/, { timeout: 60_000 });
  await page.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'My team: shop' });
  await expect(page).toHaveURL(/owner=shop/);
  await expect(table.getByRole('row').filter({ hasText: 'bulk.' })).toHaveCount(0);
  const row = table.getByRole('row').filter({ hasText: 'shop.orders' });
  await expect(row.getByRole('link', { name: 'shop', exact: true })).toHaveAttribute('href', '/teams/shop');
  await expect(row.getByRole('cell').nth(4)).toHaveText(/^\d/, { timeout: 60_000 });
  await settled(page);
  await expectAccessible(page);
});

test('nothing is read while the window is hidden, and it is read at once when it comes back', async ({ open }) => {
  const page = await open('ada', '/topics');
  await settled(page);
  let reads = 0;
  page.on('request', (request) => (reads += request.url().includes('/api/v1/topics') ? 1 : 0));
  const show = (state: string) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      Object.defineProperty(document, 'hidden', { value: value === 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await page.getByRole('button', { name: /^Refresh:/ }).click();
  await page.getByRole('menuitemradio', { name: 'Every 1 s' }).click();
  await expect.poll(() => reads).toBeGreaterThan(1);
  // Time is what another window, which everybody sees, needs for its reads.
  const other = await page.context().newPage();
  let othersReads = 0;
  other.on('request', (request) => (othersReads += request.url().includes('/api/v1/topics') ? 1 : 0));
  await other.goto(page.url());
  await expect.poll(() => othersReads).toBeGreaterThan(1);
  await show('hidden');
  const readsOfOther = async (more: number) => {
    const from = othersReads;
    await expect.poll(() => othersReads).toBeGreaterThanOrEqual(from + more);
  };
  await readsOfOther(1); // One of ours that was on its way has been sent.
  const before = reads;
  await readsOfOther(3);
  expect(reads).toBe(before);
  await other.close();
  await show('visible');
  await expect.poll(() => reads).toBeGreaterThan(before);
});

test('the palette finds pages, topics, groups and teams by keys alone', async ({ open }) => {
  const page = await open('mick', '/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('shop.orders');
  await expect(page.getByRole('option', { name: /shop\.orders/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/topics\/shop\.orders$/);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/\/topics$/);
  // Pages below an entry, too: a newcomer knows what he wants, not where it is.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new top');
  await expect(page.getByRole('option', { name: /^New topic/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/new-topic$/);
});

test('an unknown path is said to be one, in the shell', async ({ open }) => {
  const page = await open('mick', '/no/such/page');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the first page' }).click();
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});
