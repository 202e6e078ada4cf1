import { lanemq } from './commandLine';
import { expect, expectAccessible, RUN, settled, test } from './support';

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
  await expect(table.getByRole('button', { name: 'Open message 0/3', exact: true })).toBeVisible();
  await table.getByRole('button', { name: 'Open message 0/3', exact: true }).click();
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

test('where a message is now is told in its dialog and on its page, also when it is not there', async ({ open }) => {
  const page = await open('ada', `${PATH}?partition=0&m=0%2F3`, { mayFail: true });
  const dialog = page.getByRole('dialog');
  const trace = page.getByRole('region', { name: 'Where is it now' });
  await expect(trace).toContainText('It is in the log.');
  await expect(trace.getByRole('list', { name: 'With each group' })).toContainText('shop.billing');
  await expect(trace.getByRole('list', { name: 'What happened' })).toContainText('Stored');
  await expect(trace).toContainText('lanemq message trace shop.orders 0 3');
  await dialog.getByRole('link', { name: 'Open as a page' }).click();
  await expect(page).toHaveURL(/\/topics\/shop\.orders\/messages\/0\/3$/);
  await expect(page.getByRole('heading', { name: 'Message 0/3' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/"order": \d+,/);
  await settled(page);
  await expectAccessible(page);
  await trace.getByRole('list', { name: 'With each group' }).getByRole('link', { name: 'shop.billing' }).click();
  await expect(page).toHaveURL(/\/groups\/shop\.billing$/);
  await page.goto('/topics/shop.orders/messages/0/900000');
  await expect(page.getByText('There is no such message, or not any more.')).toBeVisible();
  await expect(trace).toContainText(/The log ends [\d,]+ messages before it\./);
});

test('a search says how far it looked, finds by key, body and header, goes on and is in the URL', async ({ open }) => {
  const page = await open('ada', `${PATH}?view=search`);
  await expect(page.getByText('What are you looking for?')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start the search' })).toBeDisabled();
  await expectAccessible(page);
  await page.getByLabel('Body has').fill('"order":123,');
  await page.keyboard.press('Enter');
  const once = /^Looked at [\d,]+ messages \(.*\) in .*: 1 found\. That was all of it\.$/;
  const rows = page.getByRole('table', { name: 'Messages found' }).getByRole('row');
  await expect(page.getByText(once)).toBeVisible();
  await expect(rows).toHaveCount(2);
  await expect(page.getByText(`lanemq message search shop.orders --contains '"order":123,'`)).toBeVisible();
  await page.getByText('What was looked at: 4 partitions').click();
  await expect(page.getByRole('table', { name: 'What was looked at' }).getByRole('row')).toHaveCount(5);
  await settled(page);
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByText(once)).toBeVisible();
  await expect(page.getByLabel('Body has')).toHaveValue('"order":123,');

  await page.getByLabel('Body has').fill('');
  await page.getByLabel('Key', { exact: true }).fill('ORDER-1');
  await page.getByLabel('Small letters are as large ones').check();
  await page.getByRole('button', { name: 'Start the search' }).click();
  await expect(page.getByText(/: 50 found\. Stopped after 50 more; there may be others\.$/)).toBeVisible();
  await expect(rows).toHaveCount(51);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(page.getByText(/: 72 found\. That was all of it\.$/)).toBeVisible();
  await expect(rows).toHaveCount(73);

  await page.getByLabel('Has header').fill('nobody-sends-it');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No message is like that')).toBeVisible();
  await page.goBack();
  await expect(page.getByText(/: 50 found\./)).toBeVisible();
});

test('what is sent by hand shows in the live tail of another page', async ({ open }) => {
  const tail = await open('olga', `${PATH}?view=tail`);
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
  const ask = member.getByRole('link', { name: 'ask for peek' });
  await expect(ask).toHaveAttribute('href', /kind=put_grant&name=shop\.orders&principal=team%3Ashop&adds=peek$/);
  await ask.click();
  await expect(member.getByLabel('Changes, as JSON')).toHaveValue(/"peek"/);
  await member.goto(`${PATH}/0/3`);
  await expect(member.getByText('You may not read contents:')).toBeVisible();
  await expect(member.getByRole('region', { name: 'Where is it now' })).toContainText('It is in the log.');
  await expect(member.getByText('order-')).toHaveCount(0);
  await member.goto('/topics/shop.orders/delayed');
  await expect(member.getByRole('link', { name: 'ask for peek' })).toBeVisible();
  const lead = await open('lena', `${PATH}?partition=1`);
  await expect(lead.getByText(/they are read one by one/)).toBeVisible();
  await settled(lead);
  await expect(lead.getByRole('table', { name: 'Messages of shop.orders' })).toContainText('"order":');
  await expect(lead.getByRole('button', { name: 'Live tail' })).toBeDisabled();
});

test('who may consume and not peek sees that messages are there, and not what is in them', async ({ open }) => {
  const topic = `shop.closed${RUN}`;
  lanemq(['topic', 'create', topic, '--partitions=1']);
  lanemq(['produce', topic, '-K', '\t'], 'secret-key\t{"secret":1}\n');
  lanemq(['acl', 'grant', 'team:shop', 'consume', '--topic', topic]);
  const page = await open('mick', `/topics/${topic}/messages`, { mayFail: true });
  const table = page.getByRole('table', { name: `Messages of ${topic}` });
  // Rights count within a second or two.
  await expect(async () => {
    await page.reload();
    await expect(table.getByRole('button', { name: 'Open message 0/1' })).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  await expect(table).toContainText('hidden');
  await expect(page.getByText('You may not read contents:')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeDisabled();
  await settled(page);
  await expectAccessible(page);
  await table.getByRole('button', { name: 'Open message 0/1' }).click();
  await expect(page.getByRole('dialog').getByText('You may not read contents:')).toBeVisible();
  await expect(page.getByRole('dialog')).toContainText('It is in the log.');
  await expect(page.getByText('secret')).toHaveCount(0);
  await page.getByRole('dialog').getByRole('link', { name: 'ask for peek' }).click();
  const bundle = page.getByLabel('Changes, as JSON');
  await expect(bundle).toHaveValue(/"consume",\s*"peek"/);
});
