import { expect, expectAccessible, settled, test } from './support';

const admin = { Authorization: `Bearer ${process.env.LANEMQ_ADMIN_TOKEN}` };

test('a group beyond its objective stands on the first page of its team, and says why', async ({ open, request }) => {
  test.setTimeout(300_000);
  const objective = await request.put('/api/v1/lag-objectives/shop.billing/shop.orders', {
    headers: admin,
    data: { objective_ms: '1000' },
  });
  expect(objective.status(), await objective.text()).toBe(200);
  const page = await open('lena', '/');
  const behind = page.getByRole('table', { name: 'Groups behind' });
  await expect(behind.getByRole('link', { name: 'shop.billing' })).toBeVisible({ timeout: 120_000 });
  await expect(behind.getByRole('link', { name: 'shop.orders' })).toHaveAttribute('href', '/topics/shop.orders');
  await expect(behind).toContainText('×');
  await page.getByLabel('Other teams’ too').check();
  await expect(page).toHaveURL(/\?all=true$/);
  await expect(behind.getByRole('link', { name: 'shop.billing' })).toBeVisible();
  await expectAccessible(page);
});

test('an alert leads to its incident', async ({ open }) => {
  const page = await open('ada', '/');
  await settled(page);
  const alerts = page.getByRole('list', { name: 'Alerts' }).getByRole('link');
  await expect(alerts.first()).toHaveAttribute('href', /^\/alerts\/incidents\/.+/, { timeout: 120_000 });
});

test('the canary strip tells of every data node, in both themes without a fault for axe', async ({ open }) => {
  for (const theme of ['light', 'dark'] as const) {
    const page = await open('ada', '/', { theme });
    await settled(page);
    await expect(page.getByRole('list', { name: 'Canary' }).getByText('Comes back')).toBeVisible({ timeout: 30_000 });
    await expectAccessible(page);
  }
});

test('marks are kept, and stand on the first page', async ({ open }) => {
  const page = await open('mick', '/topics?q=shop');
  await page.getByRole('button', { name: 'Mark shop.orders' }).click();
  // On a busy machine the second key may come too late to belong to the first.
  await expect(async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible({ timeout: 5_000 });
  }).toPass();
  // Groups that are behind name their topics, too.
  await expect(page.getByRole('list', { name: 'Marked' }).getByRole('link', { name: 'shop.orders' })).toBeVisible();
});
