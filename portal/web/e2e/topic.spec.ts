import { expect, expectAccessible, settled, test } from './support';

test('a topic tells what is kept, who reads it, whose it is and where its rows are', async ({ open }) => {
  const page = await open('ada', '/topics/shop.orders');
  await expect(page.getByRole('definition').filter({ hasText: '500' }).first()).toBeVisible();
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

test('settings are changed with what the policy says of it, and the audit log tells', async ({ open }) => {
  const page = await open('lena', '/topics/shop.orders/settings');
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

  const history = await open('ada', '/topics/shop.orders/history');
  const table = history.getByRole('table', { name: 'What was done to shop.orders' });
  await expect(table).toContainText('retention.ms');
  await expect(table).toContainText('172800000');
  const denied = await open('mick', '/topics/shop.orders/history');
  await expect(denied.getByText('The audit log is for administrators')).toBeVisible();
});

test('a topic is deleted only after its name was typed', async ({ open }) => {
  const page = await open('ada', '/topics/bulk.topic-059/settings');
  await page.getByRole('button', { name: 'Delete the topic' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It cannot be undone');
  const sure = dialog.getByRole('button', { name: 'Delete the topic' });
  await expect(sure).toBeDisabled();
  await dialog.getByLabel('To go on, type bulk.topic-059').fill('bulk.topic-059');
  await expectAccessible(page);
  await sure.click();
  await expect(page).toHaveURL(/\/topics$/);
  await expect(page.getByText('Topic bulk.topic-059 is deleted.')).toBeVisible();
});

test('a delayed message is seen and cancelled', async ({ open }) => {
  const page = await open('ada', '/topics/shop.orders/delayed');
  await expect(page.getByText('No message waits for its time')).toBeVisible();
  await page.goto('/topics/shop.orders');
  await page.getByRole('button', { name: 'Send a message' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Body').fill('later');
  await dialog.getByLabel(/^Deliver later/).fill('2h');
  await dialog.getByRole('button', { name: 'Send a message' }).click();
  await expect(page.getByText(/it is delivered when it is due/)).toBeVisible();
  await page.getByRole('link', { name: 'Delayed' }).click();
  const table = page.getByRole('table', { name: 'Delayed messages of shop.orders' });
  await expect(table).toContainText('later');
  await expectAccessible(page);
  await table.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Cancel 1' }).click();
  await dialog.getByLabel('To go on, type shop.orders').fill('shop.orders');
  await dialog.getByRole('button', { name: 'Cancel the message' }).click();
  await expect(page.getByText(/^1 of 1 cancelled/)).toBeVisible();
  await expect(page.getByText('No message waits for its time')).toBeVisible();
});
