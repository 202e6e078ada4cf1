import { expect, expectAccessible, RUN, settled, test } from './support';

const admin = { Authorization: `Bearer ${process.env.LANEMQ_ADMIN_TOKEN}` };

const TITLE = `Who decides ${RUN}`;

test('whose yes a request waits for is told in lists, and why one may not decide on its buttons', async ({ open }) => {
  const page = await open('mick', '/requests/new');
  const bundle = { changes: [{ kind: 'create_topic', name: `shop.decided${RUN}`, owner: 'shop', partitions: 8 }] };
  await page.getByLabel(/^Title/).fill(TITLE);
  await page.getByLabel('Changes, as JSON').fill(JSON.stringify(bundle));
  await page.getByRole('button', { name: 'Ask for it' }).click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  const { pathname } = new URL(page.url());
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveAttribute(
    'title',
    'Nobody decides on a request of their own.',
  );

  // An operator is not asked: leads of the team are.
  const operator = await open('olga', pathname);
  const approve = operator.getByRole('button', { name: 'Approve' });
  await expect(approve).toBeDisabled();
  await expect(approve).toHaveAttribute('title', 'Only those who are asked may decide.');
  await expect(operator.getByRole('button', { name: 'Decline' })).toBeDisabled();
  await operator.goto('/requests/all');
  const row = operator.getByRole('row', { name: new RegExp(TITLE) });
  await expect(row).toContainText('leads of shop');
  await expect(row.getByText('your yes')).toHaveCount(0);
  await operator.getByRole('checkbox', { name: 'Waits for my yes' }).check();
  await expect(operator).toHaveURL(/waiting=true/);
  await expect(row).toHaveCount(0);

  const lead = await open('lena', '/requests/all?waiting=true');
  const hers = lead.getByRole('row', { name: new RegExp(TITLE) });
  await expect(hers.getByText('your yes')).toBeVisible();
  await settled(lead);
  await expectAccessible(lead);
  await hers.getByRole('link', { name: new RegExp(TITLE) }).click();
  await expect(lead.getByRole('button', { name: 'Approve' })).toBeEnabled();
  await lead.getByRole('button', { name: 'Decline' }).click();
  const dialog = lead.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('a test asked');
  await dialog.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByText('Somebody who was asked said no.')).toBeVisible();
});

test('a team that somebody else changed meanwhile is not overwritten', async ({ open, request }) => {
  const path = '/api/v1/teams/late';
  const put = async (description: string) => {
    const reply = await request.put(path, { headers: admin, data: { description } });
    expect(reply.status(), await reply.text()).toBe(200);
  };
  await put('as it was');
  try {
    const page = await open('ada', '/teams/late');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Description/).fill('mine');
    await put('theirs');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText('Somebody changed this team meanwhile.')).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Begin again from what it is now' }).click();
    await expect(dialog.getByLabel(/^Description/)).toHaveValue('theirs');
    await dialog.getByLabel(/^Description/).fill('mine, after theirs');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Team late is saved.')).toBeVisible();
    await expect(page.getByRole('main').getByText('mine, after theirs')).toBeVisible();
  } finally {
    await request.delete(path, { headers: admin });
  }
});
