import { expect, expectAccessible, RUN, settled, test } from './support';

test('a team is made, changed and deleted', async ({ open }) => {
  const name = `crew-${RUN}`;
  const page = await open('ada', '/teams');
  await page.getByRole('button', { name: 'New team' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('Name', { exact: true });
  await field.fill('Not A Name');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill(name);
  for (const person of ['lena', 'vera']) {
    await dialog.getByLabel('Add a person').fill(person);
    await page.keyboard.press('Enter');
  }
  await expect(dialog.getByLabel('Role of lena')).toHaveValue('lead');
  await expect(dialog.getByLabel('Role of vera')).toHaveValue('member');
  await dialog.getByLabel('Role of lena').selectOption('member');
  await expect(dialog.getByText(/^Without a lead nobody/)).toBeVisible();
  await dialog.getByLabel('Role of vera').selectOption('lead');
  await dialog.getByRole('button', { name: 'Remove lena' }).click();
  await expect(dialog.getByLabel('Role of lena')).toHaveCount(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText(`Team ${name} is saved.`)).toBeVisible();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: 'vera', exact: true })).toBeVisible();
  await settled(page);
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await dialog.getByLabel(/^Description/).fill('They test teams');
  await dialog.getByLabel(/^Reason/).fill('nobody knew');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('main').getByText('They test teams')).toBeVisible();

  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await dialog.getByRole('button', { name: 'Delete the team' }).click();
  await expect(page.getByText(`Team ${name} is deleted.`)).toBeVisible();
  await expect(page).toHaveURL(/\/teams$/);
  await expect(page.getByRole('table', { name: 'Teams' })).toContainText('shop');
  await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
});

test('who does not administer asks for a change of a team', async ({ open }) => {
  const page = await open('mick', '/teams/shop');
  await page.getByRole('link', { name: 'Ask for a change' }).click();
  await expect(page.getByRole('heading', { name: 'New request', level: 1 })).toBeVisible();
  await expect(page.getByLabel('Changes, as JSON')).toHaveValue(/"put_team"[^]*"shop"/);
});

test('an account is made with a password that is shown once, disabled, enabled and deleted', async ({ open }) => {
  const name = `nat-${RUN}`;
  const page = await open('ada', `/people?q=${name}`);
  await page.getByRole('button', { name: 'New person' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel(/^Full name/).fill('Nat of the tests');
  await dialog.getByLabel('Role', { exact: true }).selectOption('operator');
  await expect(dialog.getByText(/^On call: pauses, resets/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByRole('button', { name: 'Make a password' }).click();
  await expect(dialog.getByLabel('Password', { exact: true })).toHaveText(/^\w{5}(-\w{5}){4}$/);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'I have passed it on' }).click();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('Operator');
  await expect(row).toContainText('Must change password');

  const choose = async (item: string) => {
    await row.getByRole('button', { name: `What to do with ${name}` }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  const confirm = async (button: string) => {
    await dialog.getByLabel(`To go on, type ${name}`).fill(name);
    await dialog.getByRole('button', { name: button, exact: true }).click();
  };
  await choose('Disable');
  await confirm('Disable');
  await expect(page.getByText(`${name} is disabled.`)).toBeVisible();
  await expect(row).toContainText('Disabled');
  await choose('Enable');
  await expect(page.getByText(`${name} can sign in again.`)).toBeVisible();
  await expect(row).not.toContainText('Disabled');
  await choose('Delete');
  await confirm('Delete the account');
  await expect(page.getByText(`${name} is deleted.`)).toBeVisible();
  await expect(row).toHaveCount(0);
});

test('a service gets a token, then another one in its place', async ({ open }) => {
  const name = `app-${RUN}`;
  const page = await open('ada', `/services?q=${name}`);
  await page.getByRole('button', { name: 'New service' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('Please fill this in.')).toBeVisible();
  await dialog.getByLabel('Team', { exact: true }).fill('shop');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText(`Service ${name} is saved.`)).toBeVisible();
  await page.getByRole('link', { name, exact: true }).click();

  await expect(page.getByRole('heading', { name: 'Tokens', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Issue a token' }).first().click();
  await expect(dialog.getByLabel('Whose', { exact: true })).toHaveValue(name);
  await dialog.getByLabel('Lasts').selectOption('2592000');
  await dialog.getByLabel(/^What for/).fill('the first one');
  await dialog.getByRole('button', { name: 'Issue a token' }).click();
  const secret = dialog.getByLabel('Token', { exact: true });
  await expect(secret).toHaveText(/^lmq_\w{10}_\w{43}$/);
  await expectAccessible(page);
  const first = await secret.innerText();
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  const rows = page.getByRole('row', { name: /the first one/ });
  await expect(rows).toHaveCount(1);
  await expect(page.getByText(first)).toHaveCount(0);

  await rows.getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByRole('button', { name: 'Issue a token' }).click();
  await expect(secret).toHaveText(/^lmq_/);
  expect(await secret.innerText()).not.toBe(first);
  await dialog.getByRole('button', { name: 'Revoke the old one' }).click();
  const old = first.split('_')[1] as string;
  await dialog.getByLabel(`To go on, type ${old}`).fill(old);
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByText(`Token ${old} is revoked.`)).toBeVisible();
  await expect(rows).toHaveCount(1);
  await expect(rows).not.toContainText(old);

  await page.goto(`/services?q=${name}`);
  await page.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  await dialog.getByLabel(`To go on, type ${name}`).fill(name);
  await dialog.getByRole('button', { name: 'Delete the service' }).click();
  await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
});

test('a quota is set by who operates, and lifted again', async ({ open }) => {
  const page = await open('olga', '/quotas?q=other');
  const row = page.getByRole('row', { name: /^other / });
  const dialog = page.getByRole('dialog');
  for (const [text, shown] of [
    ['500', '500'],
    ['', 'no limit'],
  ] as const) {
    await row.getByRole('button', { name: 'Change' }).click();
    const topics = dialog.getByLabel('Topics', { exact: true });
    await topics.fill('many');
    await expect(dialog.getByText('This is no amount: 20k, 10 MB, 1.5 GiB.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
    await topics.fill(text);
    await expect(dialog.getByRole('table', { name: 'Quota of other' })).toContainText('topics');
    await dialog.getByLabel(/^Reason/).fill('tests');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(row.getByRole('cell').nth(1)).toContainText(shown);
  }
  await settled(page);
  await expectAccessible(page);
});

test('a grant is given, changed and revoked', async ({ open }) => {
  const topic = 'bulk.topic-001';
  const page = await open('ada', `/grants?name=${topic}`);
  await page.getByRole('button', { name: 'New grant' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Topic or group').fill(topic);
  await dialog.getByLabel('To whom').fill('other');
  await dialog.getByRole('button', { name: 'Grant', exact: true }).click();
  await expect(dialog.getByLabel('To whom')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('To whom').fill('team:other');
  await dialog.getByLabel(/^describe/).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Grant', exact: true }).click();
  await expect(page.getByText(`team:other has a grant on ${topic}.`)).toBeVisible();
  const row = page.getByRole('row', { name: /team:other/ });
  await expect(row).toContainText('describe, consume');

  await row.getByRole('button', { name: 'Change' }).click();
  await dialog.getByLabel(/^consume/).uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).not.toContainText('consume');
  await row.getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog).toContainText('team:other may no longer describe on bulk.topic-001');
  await dialog.getByLabel('To go on, type team:other').fill('team:other');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText(`team:other has no grant on ${topic} any more.`)).toBeVisible();
  await expect(row).toHaveCount(0);
});
