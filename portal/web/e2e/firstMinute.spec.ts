/** Somebody who is new in a team, and what he needs until his first message is there: less than a minute. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { newFolder, runSnippet } from './commandLine';
import { asAdmin, expect, GIVEN_PASSWORD, PASSWORD, RUN, test } from './support';

const LIMIT_MS = 60_000;
const PERSON = `nell${RUN}`;
const TEAM = `crew${RUN}`;
const TOPIC = `${TEAM}.hello`;

test('the first message of a new member of a team, within a minute of signing in', async ({ page, request }) => {
  await asAdmin(request, 'PUT', `/people/${PERSON}`, { role: 'viewer' });
  await asAdmin(request, 'PUT', `/people/${PERSON}/password`, { new_password: GIVEN_PASSWORD });
  const members = [
    { person: 'ada', role: 'lead' },
    { person: PERSON, role: 'member' },
  ];
  await asAdmin(request, 'PUT', `/teams/${TEAM}`, { members });
  await page.goto('/new-topic');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();

  const begun = Date.now();
  await test.step('sign in, with a password of his own', async () => {
    await page.getByLabel('Name').fill(PERSON);
    await page.getByLabel('Password').fill(GIVEN_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByLabel('Password that you were given').fill(GIVEN_PASSWORD);
    await page.getByLabel('New password').fill(`${PASSWORD}, ${PERSON}`);
    await page.getByLabel('The same once more').fill(`${PASSWORD}, ${PERSON}`);
    await page.getByRole('button', { name: 'Use this password' }).click();
    await expect(page.getByRole('heading', { name: 'New topic', level: 1 })).toBeVisible();
  });

  await test.step('a name and how much; the decision comes while one types', async () => {
    await expect(page.getByLabel('Name')).toHaveValue(`${TEAM}.`);
    await page.getByLabel('Name').fill('Hello');
    await expect(page.getByText('Not allowed', { exact: true })).toBeVisible();
    await page.getByLabel('Name').fill(TOPIC);
    await page.getByLabel('Messages a day').fill('500k');
    await expect(page.getByText('Allowed: it is done at once')).toBeVisible();
    await page.getByRole('button', { name: 'Create a topic' }).click();
  });

  const folder = newFolder();
  let line = '';
  await test.step('topic, token and program are on one page', async () => {
    await expect(page.getByRole('heading', { name: TOPIC, level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const secret = page.getByText(/^lmq_/);
    await expect(secret).toBeVisible();
    await page.getByRole('button', { name: 'Command line', exact: true }).click();
    const snippet = page.getByLabel('Command line', { exact: true });
    await expect(snippet).toContainText(TOPIC);
    await expect(page.getByText('Waiting for it')).toBeVisible();
    writeFileSync(join(folder, 'lanemq.token'), await secret.innerText(), { mode: 0o600 });
    line = await snippet.innerText();
  });

  await test.step('the program is run as it stands there, and what it sends is seen', async () => {
    // Token and rights count within a second or two, at each server by itself.
    await expect(() => runSnippet(line, folder)).toPass({ timeout: 30_000 });
    await expect(page.getByText('It has come')).toBeVisible();
    await page.getByRole('link', { name: 'Look at messages' }).click();
    await expect(page.getByRole('table', { name: `Messages of ${TOPIC}` }).getByRole('row')).toHaveCount(2);
  });
  const took = Date.now() - begun;
  console.log(`from the sign-in to the first message: ${(took / 1_000).toFixed(1)} s`);
  expect(took).toBeLessThan(LIMIT_MS);
});
