import type { Page } from '@playwright/test';

import { lanemq } from './commandLine';
import { allowed, asAdmin, expect, expectAccessible, RUN, settled, test } from './support';

test('a topic tells what is kept, who reads it, whose it is and where its rows are', async ({ open }) => {
  const page = await open('ada', '/topics/shop.orders');
  // 500 of the seed, and what other tests have sent.
  await expect(
    page
      .getByRole('definition')
      .filter({ hasText: /^5\d\d$/ })
      .first(),
  ).toBeVisible();
  await expect(page.getByRole('table', { name: 'Groups that read it' })).toContainText('shop.billing');
  await expect(page.getByText('services of team:shop')).toBeVisible();
  await settled(page);
  await expectAccessible(page);

  await page.getByRole('link', { name: /^Partitions/ }).click();
  const table = page.getByRole('table', { name: 'Partitions of shop.orders' });
  await expect(table.getByRole('row')).toHaveCount(5);
  await expect(table).toContainText(/msg_\d+_0/);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Subscriptions' }).click();
  await expect(page.getByRole('table', { name: 'Groups that read shop.orders' })).toContainText('shop.billing');
});

test('settings are changed with what the policy says of it, and the audit log tells', async ({ open, request }) => {
  const name = `shop.kept${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 1, config: { 'retention.ms': '86400000' } });
  await asAdmin(request, 'PUT', `/owners/topic/${name}`, { team: 'shop' });
  await allowed(request, 'lena', 'topic', name, 'manage');
  const page = await open('lena', `/topics/${name}/settings`);
  const retention = page.getByLabel('Messages are kept for');
  await expect(retention).toHaveValue('1 d');
  await retention.fill('a while');
  await expect(page.getByText('A time: 7d, 36h, 30min, 90s.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await retention.fill('2d');
  await expect(page.getByText('Allowed: it is done at once')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(retention).toHaveValue('2 d');

  await page
    .getByLabel(/^Description/)
    .fill('Kept orders.\n\n- key: the *customer*, see [orders](/topics/shop.orders)');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto(`/topics/${name}`);
  await expect(page.getByText('Kept orders.', { exact: true })).toHaveCount(2);
  const docs = page.getByRole('main').getByRole('listitem').filter({ hasText: 'key: the customer' });
  await expect(docs.getByRole('link', { name: 'orders' })).toHaveAttribute('href', '/topics/shop.orders');
  await settled(page);
  await expectAccessible(page);

  const history = await open('ada', `/topics/${name}/history`);
  const table = history.getByRole('table', { name: `What was done to ${name}` });
  await expect(table).toContainText('retention.ms');
  await expect(table).toContainText('172800000');
  // Who may describe it sees what was done to it, though the audit log is not his.
  const member = await open('mick', `/topics/${name}/history`);
  await expect(member.getByRole('table', { name: `What was done to ${name}` })).toContainText('retention.ms');
});

/** Through the settings of the topic, as people do it. */
async function deleteTopic(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Delete the topic' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await dialog.getByRole('button', { name: 'Delete the topic' }).click();
  await expect(page).toHaveURL(/\/topics$/);
  await expect(page.getByText(`Topic ${name} is deleted.`)).toBeVisible();
}

test('a deletion is undone from the note that tells of it', async ({ open, request }) => {
  const name = `bulk.undone${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 1 });
  const page = await open('ada', `/topics/${name}/settings`);
  await deleteTopic(page, name);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText(`Topic ${name} is back.`)).toBeVisible();
  await page.goto(`/topics/${name}`);
  await expect(page.getByText('Active', { exact: true })).toBeVisible();
});

test('a deleted topic says so and comes back from its own page, or goes for good from the list', async ({
  open,
  request,
}) => {
  const name = `bulk.purged${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 1 });
  const page = await open('ada', `/topics/${name}/settings`);
  await deleteTopic(page, name);

  await page.goto(`/topics/${name}`);
  await expect(page.getByRole('heading', { name: 'This topic is deleted' })).toBeVisible();
  await expect(page.getByText('Comes back until')).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'person:ada' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Settings' })).toHaveCount(0);
  await settled(page);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('table', { name: `What was done to ${name}` })).toContainText('createTopic');
  await page.getByRole('button', { name: 'Bring back' }).click();
  await expect(page.getByText(`Topic ${name} is back.`)).toBeVisible();
  await page.goto(`/topics/${name}/settings`);
  await deleteTopic(page, name);

  await page.getByRole('checkbox', { name: 'Deleted topics' }).check();
  await expect(page).toHaveURL(/\?deleted=true$/);
  const table = page.getByRole('table', { name: 'Deleted topics' });
  const row = table.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('person:ada');
  await settled(page);
  await expectAccessible(page);
  await row.getByRole('button', { name: 'Remove for good' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It cannot be undone');
  const sure = dialog.getByRole('button', { name: 'Remove for good' });
  await expect(sure).toBeDisabled();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await expectAccessible(page);
  await sure.click();
  await expect(page.getByText(`Topic ${name} is removed for good.`)).toBeVisible();
  await expect(row).toHaveCount(0);
  await page.goto(`/topics/${name}`);
  await expect(page.getByRole('heading', { name: 'This topic is deleted' })).toHaveCount(0);
});

test('a topic is deleted only after its name was typed', async ({ open, request }) => {
  const name = `bulk.deleted${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 1 });
  const page = await open('ada', `/topics/${name}/settings`);
  await page.getByRole('button', { name: 'Delete the topic' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It can be brought back as it was');
  const sure = dialog.getByRole('button', { name: 'Delete the topic' });
  await expect(sure).toBeDisabled();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await expectAccessible(page);
  await sure.click();
  await expect(page).toHaveURL(/\/topics$/);
  await expect(page.getByText(`Topic ${name} is deleted.`)).toBeVisible();
});

test('messages of a topic are removed after what would go was told', async ({ open, request }) => {
  const name = `bulk.trimmed${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 2 });
  lanemq(['produce', name, '-p', '0'], 'one\ntwo\nthree\n');
  const page = await open('ada', `/topics/${name}/settings`);
  await page.getByRole('button', { name: 'Remove the messages' }).click();
  const dialog = page.getByRole('dialog');
  const sure = dialog.getByRole('button', { name: 'Remove the messages' });
  await dialog.getByLabel('Age', { exact: true }).fill('1h');
  await expect(dialog.getByText('0 messages go.')).toBeVisible();
  await expect(dialog.getByText(`lanemq topic trim ${name} --before 1h`)).toBeVisible();
  await dialog.getByLabel('Which messages').selectOption('all');
  await expect(dialog.getByText('3 messages go.')).toBeVisible();
  await expect(sure).toBeDisabled();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await expectAccessible(page);
  await sure.click();
  await expect(page.getByText(`3 messages of ${name} removed.`)).toBeVisible();
  await page.goto(`/topics/${name}/messages?from=oldest`);
  await settled(page);
  await expect(page.getByText('three')).toHaveCount(0);
});

test('a delayed message is seen and cancelled', async ({ open, request }) => {
  const name = `bulk.later${RUN}`;
  await asAdmin(request, 'POST', '/topics', { name, partitions: 1 });
  const page = await open('ada', `/topics/${name}/delayed`);
  await expect(page.getByText('No message waits for its time')).toBeVisible();
  await page.goto(`/topics/${name}`);
  await page.getByRole('button', { name: 'Send a message' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Body').fill('later');
  await dialog.getByLabel(/^Deliver later/).fill('2h');
  await dialog.getByRole('button', { name: 'Send a message' }).click();
  await expect(page.getByText(/it is delivered when it is due/)).toBeVisible();
  await page.getByRole('link', { name: 'Delayed' }).click();
  const table = page.getByRole('table', { name: `Delayed messages of ${name}` });
  await expect(table).toContainText('later');
  await expectAccessible(page);
  await table.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Cancel 1' }).click();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await dialog.getByRole('button', { name: 'Cancel the message' }).click();
  await expect(page.getByText(/^1 of 1 cancelled/)).toBeVisible();
  await expect(page.getByText('No message waits for its time')).toBeVisible();
});
