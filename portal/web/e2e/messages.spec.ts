import { expect, expectAccessible, settled, test } from './support';

const PATH = '/topics/shop.orders/messages';

test('messages are browsed by place and time, and one is looked at as JSON, text and hex', async ({ open }) => {
  const page = await open('ada', `${PATH}?partition=0`);
  const table = page.getByRole('table', { name: 'Messages of shop.orders' });
  const rows = table.getByRole('row');
  await expect(table).toContainText('"order":');
  await expectAccessible(page);
  const offsetOf = () => rows.nth(1).getByRole('button').innerText();
  const newest = await offsetOf();
  const older = page.getByRole('button', { name: 'Older' });
  await older.click();
  await expect(page).toHaveURL(/page=0\.\d+/);
  await expect.poll(offsetOf).not.toBe(newest);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect.poll(offsetOf).toBe(newest);

  await page.getByLabel('Show', { exact: true }).selectOption('offset');
  await page.getByLabel('Offset', { exact: true }).fill('3');
  await page.keyboard.press('Enter');
  await expect(table.getByRole('button', { name: 'Open message 0/3' })).toBeVisible();
  await table.getByRole('button', { name: 'Open message 0/3' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(/"order": \d+,/);
  await expect(dialog).toContainText(/msg_\d+_0/);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Hex' }).last().click();
  await expect(dialog).toContainText('00000000  7b 22 6f 72 64 65 72');
  await dialog.getByRole('button', { name: 'After' }).click();
  await expect(page).toHaveURL(/m=0%2F4/);
  await page.reload();
  await expect(page.getByRole('dialog')).toContainText('shop.orders 0/4');
});

test('a search says how far it looked, and finds by key, body and header', async ({ open }) => {
  const page = await open('ada', PATH);
  await page.getByLabel('Search in messages').fill('"order":123,');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Searched the newest \d+ of \d+ messages .*: 1 found\./)).toBeVisible();
  await expect(page.getByRole('table', { name: /^Messages with/ }).getByRole('row')).toHaveCount(2);
  await page.getByLabel('In', { exact: true }).selectOption('key');
  await expect(page.getByText(/: 0 found\./)).toBeVisible();
  await expect(page.getByText(/^No message has/)).toBeVisible();
  await expectAccessible(page);
});

test('what is sent by hand shows in the live tail of another page', async ({ open }) => {
  const tail = await open('olga', `${PATH}?tail=true`);
  await expect(tail.getByText('Waiting for messages')).toBeVisible();
  const page = await open('ada', PATH);
  await page.getByRole('button', { name: 'Send a message' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('With a key').check();
  await dialog.getByLabel('Key', { exact: true }).fill('by-hand');
  await dialog.getByLabel('Body').fill('{"sent":"by hand"}');
  await dialog.getByLabel(/^Headers/).fill('source: portal');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Send a message' }).click();
  await expect(page.getByText(/^Stored in partition \d at offset \d+\./)).toBeVisible();
  await expect(tail.getByRole('table', { name: 'Messages of shop.orders' })).toContainText('by-hand');
  await expect(tail.getByText(/^1 since it began|1 since it began/)).toBeVisible();
  await page.getByRole('button', { name: 'Look at it' }).click();
  await expect(page.getByRole('dialog')).toContainText('by hand');
  await expect(page.getByRole('dialog')).toContainText('source');
});

test('who may not look sees nothing of what is in messages, and who may look at single ones sees those', async ({
  open,
}) => {
  const member = await open('mick', PATH);
  await expect(member.getByText('Messages of this topic are not yours to see')).toBeVisible();
  await expect(member.getByText('order-')).toHaveCount(0);
  const lead = await open('lena', `${PATH}?partition=1`);
  await expect(lead.getByText(/they are read one by one/)).toBeVisible();
  await settled(lead);
  await expect(lead.getByRole('table', { name: 'Messages of shop.orders' })).toContainText('"order":');
  await expect(lead.getByLabel('Live tail')).toHaveCount(0);
});
