import { expect, expectAccessible, GIVEN_PASSWORD, PASSWORD, test } from './support';

test('whoever opens a page signs in, and is where he was going', async ({ page }) => {
  await page.goto('/topics?q=shop');
  await expect(page.getByRole('heading', { name: 'LaneMQ' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Topics', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/topics\?q=shop$/);
  await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();

  // A reload keeps the session, scripts cannot see it, and signing out ends it.
  await page.reload();
  await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
  expect(await page.evaluate(() => document.cookie)).toBe('');
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
});

test('a wrong password says so, and empty fields say what is missing', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('Please fill this in.')).toHaveCount(2);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('not her password');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Name or password is wrong.')).toBeVisible();
});

test('a password that was given is changed before anything else', async ({ page }) => {
  await page.goto('/topics');
  await page.getByLabel('Name').fill('nina');
  await page.getByLabel('Password').fill(GIVEN_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Choose a password' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Password that you were given').fill(GIVEN_PASSWORD);
  await page.getByLabel('New password').fill('short');
  await page.getByLabel('The same once more').fill('short');
  await page.getByRole('button', { name: 'Use this password' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('New password').fill(`${PASSWORD}, nina`);
  await page.getByLabel('The same once more').fill(`${PASSWORD}, nina`);
  await page.getByRole('button', { name: 'Use this password' }).click();
  await expect(page.getByRole('heading', { name: 'Topics', level: 1 })).toBeVisible();
});

test('a session that ends elsewhere asks for a sign-in in place, and goes on', async ({ page }) => {
  await page.goto('/topics?q=shop');
  await page.getByLabel('Name').fill('olga');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'shop.orders' })).toHaveCount(0);
  await page.getByLabel('Name').fill('olga');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
});

test('one click signs in as the demo team, where the gateway offers it', async ({ page }) => {
  await page.goto('/topics?q=shop');
  const click = page.getByRole('button', { name: 'Sign in as the demo team' });
  await expect(click).toBeVisible();
  await expectAccessible(page);
  await click.click();
  await expect(page).toHaveURL(/\/topics\?q=shop$/);
  await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
});
