import { expect, expectAccessible, RUN, test } from './support';

const QUICK = `shop.quick${RUN}`;

test('from the need to the first message in under a minute', async ({ open }) => {
  const page = await open('mick', '/new-topic');
  const begun = Date.now();
  await expect(page.getByLabel('Name')).toHaveValue('shop.');
  await page.getByLabel('Name').fill('Quick');
  await expect(page.getByText('Not allowed', { exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Name').fill(QUICK);
  await expect(page.getByText('Allowed: it is done at once')).toBeVisible();
  await page.getByRole('button', { name: 'Create a topic' }).click();
  await expect(page.getByRole('heading', { name: QUICK, level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'Make a token' }).click();
  await expect(page.getByText('Shown once: copy it now')).toBeVisible();
  await expect(page.getByText(/^lmq_/)).toBeVisible();
  await expect(page.getByLabel('C++')).toContainText(QUICK);
  await page.getByRole('button', { name: 'Python' }).click();
  await expect(page.getByLabel('Python')).toContainText('/api/v1/messages');
  await expect(page.getByText('Waiting for it')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send one from here' }).click();
  await page.getByRole('dialog').getByLabel('Body').fill('hello');
  await page.getByRole('dialog').getByRole('button', { name: 'Send a message' }).click();
  await expect(page.getByText('It has come')).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(60_000);
});

test('what the policy does not give at once is asked for, and made when it is approved', async ({ open, request }) => {
  const page = await open('mick', '/new-topic');
  await expect(page.getByLabel('Name')).toHaveValue('shop.');
  await page.getByLabel('Name').fill(`shop.big${RUN}`);
  await page.getByText('Order, retention, partitions').click();
  await page.getByLabel('Partitions').fill('8');
  await expect(page.getByText('It waits for leads of shop.')).toBeVisible();
  await page.getByRole('button', { name: 'Ask for it' }).click();
  await expect(page.getByText(/^Request \d+: pending$/)).toBeVisible();
  const id = new URL(page.url()).searchParams.get('request');
  const headers = { Authorization: `Bearer ${process.env.LANEMQ_ADMIN_TOKEN}` };
  const told = await request.get(`/api/v1/requests/${id}`, { headers });
  const reply = await request.post(`/api/v1/requests/${id}:break-glass`, {
    headers: { ...headers, 'If-Match': told.headers().etag ?? '' },
    data: { reason: 'the test does not wait for lena' },
  });
  expect(reply.status(), await reply.text()).toBe(200);
  await expect(page.getByText('Make a token')).toBeVisible();
});
