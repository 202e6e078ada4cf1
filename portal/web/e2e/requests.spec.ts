import { expect, expectAccessible, type Page, RUN, settled, test } from './support';

const bundle = (name: string, partitions: number) =>
  JSON.stringify({ changes: [{ kind: 'create_topic', name, owner: 'shop', partitions }] });

/** From the editor to the request's own page; its number. */
async function ask(page: Page, title: string, json: string, button = 'Ask for it'): Promise<string> {
  await page.getByLabel(/^Title/).fill(title);
  await page.getByLabel('Changes, as JSON').fill(json);
  await page.getByRole('button', { name: button }).click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

test('what the policy says stands beside what one asks for; a lead declines it, with a reason', async ({ open }) => {
  const name = `shop.declined${RUN}`;
  const page = await open('mick', '/requests/new');
  const json = page.getByLabel('Changes, as JSON');
  await expect(json).toHaveValue(/create_topic/);
  await page.getByLabel('Start from').selectOption('put_grant');
  await expect(json).toHaveValue(/put_grant/);

  await json.fill('{"changes": [');
  await expect(page.getByText('This is not JSON yet.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Ask for it' })).toBeDisabled();
  await json.fill(bundle('Orders_All', 1));
  await expect(page.getByText('Refused', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What is against the policy' })).toContainText('name');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Put in every fix' }).click();
  await expect(json).toHaveValue(/"shop\.orders-all"/);
  await expect(page.getByText('Applied at once', { exact: true })).toBeVisible();
  await json.fill(bundle(name, 8));
  await expect(page.getByText('Waits for leads of shop: all of them.')).toBeVisible();
  const id = await ask(page, `Large ${RUN}`, bundle(name, 8));

  await expect(page.getByText('It waits for the yes of leads of shop.')).toBeVisible();
  const own = page.getByRole('button', { name: 'Approve' });
  await expect(own).toBeDisabled();
  await expect(own).toHaveAttribute('title', 'Nobody decides on a request of their own.');
  await settled(page);
  await expectAccessible(page);

  const lead = await open('lena', '/');
  await lead
    .getByRole('list', { name: 'Waiting for you' })
    .getByRole('link', { name: `Large ${RUN}` })
    .click();
  await expect(lead.getByRole('heading', { name: '1 change' })).toBeVisible();
  await expect(lead.getByRole('table', { name: `create_topic ${name}` })).toContainText('partitions');
  await lead.getByRole('button', { name: 'Decline' }).click();
  const dialog = lead.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Decline' }).click();
  await expect(dialog.getByText('Please fill this in.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('two partitions will do');
  await expectAccessible(lead);
  await dialog.getByRole('button', { name: 'Decline' }).click();
  await expect(lead.getByText(`Request ${id}: declined`)).toBeVisible();
  // The author's page, which is open, comes to know.
  await expect(page.getByText('Somebody who was asked said no.')).toBeVisible();
  await expect(page.getByText('Reason: two partitions will do')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0);
});

test('a draft is kept, edited, sent and taken back; lists find it by its state', async ({ open }) => {
  const name = `shop.draft${RUN}`;
  const page = await open('mick', '/requests/new');
  const id = await ask(page, `Draft ${RUN}`, bundle(name, 8), 'Keep as a draft');
  await expect(page.getByText('Nobody has been asked yet: submit it.')).toBeVisible();
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await expect(page.getByRole('heading', { name: `Edit request ${id}`, level: 1 })).toBeVisible();
  await expect(page.getByLabel('Changes, as JSON')).toHaveValue(/"partitions": 8/);
  await ask(page, `Smaller ${RUN}`, bundle(name, 6));
  await expect(page.getByText('It waits for the yes of leads of shop.')).toBeVisible();

  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await expect(page.getByText('Its author took it back.')).toBeVisible();
  await page.goto('/requests/mine');
  const row = page.getByRole('row', { name: new RegExp(`Smaller ${RUN}`) });
  await expect(row).toContainText('Withdrawn');
  await page.getByLabel('State', { exact: true }).selectOption('pending');
  await expect(row).toHaveCount(0);
  await page.getByLabel('State', { exact: true }).selectOption('withdrawn');
  await expect(row).toBeVisible();
  await settled(page);
  await expectAccessible(page);
});

test('who operates breaks the glass, and everybody sees why', async ({ open }) => {
  const name = `shop.urgent${RUN}`;
  const page = await open('mick', '/requests/new');
  const id = await ask(page, `Urgent ${RUN}`, bundle(name, 8));
  await expect(page.getByRole('button', { name: 'Break the glass' })).toHaveCount(0);
  const operator = await open('olga', `/requests/${id}`);
  await operator.getByRole('button', { name: 'Break the glass' }).click();
  const dialog = operator.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('the sale has begun');
  await dialog.getByRole('button', { name: 'Break the glass' }).click();
  await expect(operator.getByText('All of it has been done.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Applied without the yes it needed: the sale has begun')).toBeVisible();
  await page.goto(`/topics/${name}/partitions`);
  await expect(page.getByRole('table', { name: `Partitions of ${name}` }).getByRole('row')).toHaveCount(9);
});
