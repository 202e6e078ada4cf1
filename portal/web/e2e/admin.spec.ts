import { ADMIN, expect, expectAccessible, settled, test } from './support';

test('the servers are there, and who answers says what it is', async ({ open }) => {
  const page = await open('olga', '/admin/brokers');
  const brokers = page.getByRole('table', { name: 'Brokers' });
  await expect(brokers.getByRole('row')).toHaveCount(3);
  await expect(brokers.getByText('Active', { exact: true })).toHaveCount(2);
  await expect(page.getByRole('definition').filter({ hasText: 'metaserver' })).toBeVisible();
  const metaservers = page.getByRole('table', { name: 'Metaservers' });
  await expect(metaservers.getByRole('row')).toHaveCount(2);
  await expect(metaservers.getByText('Active', { exact: true })).toBeVisible();
  await expect(metaservers.getByText('Background jobs')).toBeVisible();
  await expect(metaservers.getByText('On call')).toBeVisible();
  await settled(page);
  await expectAccessible(page);
});

test('each server tells what it was started with', async ({ open }) => {
  const page = await open('olga', '/admin/settings');
  const settings = page.getByRole('table', { name: /^Settings of / });
  await expect(settings.getByRole('row', { name: /^meta-host / })).toContainText('given');
  await expect(settings.getByRole('row', { name: /^session-timeout / })).toContainText('6000');
  await expectAccessible(page);
  const server = page.getByLabel('Server', { exact: true });
  const broker = await server.locator('option', { hasText: /^broker 2 / }).getAttribute('value');
  await server.selectOption(broker);
  await page.getByLabel('Search settings').fill('broker-id');
  await expect(settings.getByRole('row')).toHaveCount(2);
  await expect(settings.getByRole('row', { name: /^broker-id 2 given/ })).toBeVisible();
  await expect(page).toHaveURL(/find=broker-id/);
  await page.getByLabel('Search settings').fill('no such setting');
  await expect(page.getByText('No such setting')).toBeVisible();
  await page.getByLabel('Search settings').fill('');
  await page.getByLabel('Which', { exact: true }).selectOption('differing');
  const differing = page.getByRole('table', { name: 'Differing ones' });
  await expect(differing.getByRole('row', { name: /^broker-id .* 1 .* 2$/ })).toBeVisible();
  await expect(differing.getByRole('row', { name: /^rpc-threads / })).toHaveCount(0);
  await expectAccessible(page);
  await page.goto(`/admin/slow?server=${encodeURIComponent(broker ?? '')}`);
  await expect(page.getByText(/^Requests from .* and statements from .* on\.$/)).toBeVisible();
  await expect(page.getByLabel('Server', { exact: true })).toHaveValue(broker ?? '');
});

test('capacity says whether data nodes are enough, and why', async ({ open }) => {
  const page = await open('olga', '/admin/capacity');
  const nodes = page.getByRole('table', { name: 'Data nodes' });
  await expect(nodes.getByRole('row', { name: /^local / })).toContainText('Writable');
  await expectAccessible(page);
  await page.getByLabel('New partitions to fit').fill('1000000');
  await expect(page.getByText(/^1,000,000 new partitions do not fit: [\d,]+ tables are free\./)).toBeVisible();
  await expect(page.getByText('Expand', { exact: true })).toBeVisible();
  await page.getByLabel('New partitions to fit').fill('many');
  await expect(page.getByRole('alert')).toContainText('A whole number');
  await expectAccessible(page);
});

test('what is on a data node is listed, and found by its topic', async ({ open }) => {
  const page = await open('olga', '/admin/nodes/local');
  await page.getByRole('link', { name: 'What is on it' }).click();
  await expect(page).toHaveURL(/\/admin\/placement\?node=local$/);
  await expect(page.getByLabel('Data node', { exact: true })).toHaveValue('local');
  await page.getByLabel('Topic begins with').fill('shop.orders');
  const placed = page.getByRole('table', { name: 'Placement' });
  await expect(placed.getByRole('row', { name: /^shop\.orders 0 local \w+_\d\d\.msg_\d+_0 / })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Topic begins with').fill('nothing begins so');
  await expect(placed.getByRole('row')).toHaveCount(1);
  await page.goto('/admin/placement?limit=1');
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(placed.getByRole('row')).toHaveCount(2);
});

test('a data node is probed, closed and opened again', async ({ open, request }) => {
  const page = await open('olga', '/admin/nodes');
  const row = page.getByRole('row', { name: /^local / });
  await expect(row).toContainText(/Healthy|Look at it/);
  await settled(page);
  await expectAccessible(page);
  await row.getByRole('link', { name: 'local' }).click();
  await expect(page.getByRole('heading', { name: 'local', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'What the probe found' })).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: /^(MariaDB|MySQL) / })).toBeVisible();
  await expectAccessible(page);

  const dialog = page.getByRole('dialog');
  const setState = async (state: string, why: string) => {
    await page.getByRole('button', { name: 'Change the state' }).click();
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
    await dialog.getByLabel('State', { exact: true }).selectOption(state);
    await expect(dialog.getByText(why)).toBeVisible();
    await dialog.getByLabel(/^Reason/).fill('tests of the pages');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toHaveCount(0);
  };
  try {
    await setState('CLOSED', 'What is there goes on; nothing new is put there.');
    await expect(page.getByRole('main').getByText('Closed', { exact: true })).toBeVisible();
    await setState('WRITABLE', 'New partitions may be put there.');
    await expect(page.getByRole('main').getByText('Writable', { exact: true })).toBeVisible();
  } finally {
    // It is the only one: other tests make topics.
    await request.patch('/api/v1/nodes/local', { headers: ADMIN, data: { state: 'WRITABLE' } });
  }
});

test('before a node is emptied its outlook is told, and its name has to be typed', async ({ open }) => {
  const page = await open('olga', '/admin/nodes/local');
  await page.getByRole('button', { name: 'Evacuate' }).click();
  const dialog = page.getByRole('dialog');
  // There is no other node: each would stay, or the server says so of all of them.
  await expect(dialog.getByText(/partitions? would move\./).or(dialog.getByRole('alert'))).toBeVisible();
  const sure = dialog.getByRole('button', { name: 'Evacuate' });
  await expect(sure).toBeDisabled();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goto('/admin/moves');
  await expect(page.getByText('No partition moves')).toBeVisible();
  await expectAccessible(page);
});

test('a data node that cannot be one is refused before it is asked for', async ({ open }) => {
  const page = await open('olga', '/admin/nodes');
  await page.getByRole('button', { name: 'Add a data node' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Not A Name');
  await dialog.getByLabel('Address').fill('db2:notaport');
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel(/^User/).fill('lanemq');
  await expect(dialog.getByLabel('Password')).toHaveAttribute('type', 'password');
  await expectAccessible(page);
});

test('the catalogue is checked against what data nodes have', async ({ open }) => {
  const page = await open('olga', '/admin/consistency');
  await expect(page.getByText('Not run yet')).toBeVisible();
  await page.getByRole('button', { name: 'Run the check' }).click();
  await expect(page.getByText(/^1 data node and \d[\d,]* partitions were checked\./)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Run it again' })).toBeEnabled();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Slow calls' }).click();
  await expect(page.getByText(/^Requests from .* and statements from .* on\.$/)).toBeVisible();
  await expectAccessible(page);
});

test('the policy is changed as a document, with what changes beside it', async ({ open }) => {
  const page = await open('ada', '/admin/policy');
  await expect(page.getByRole('table', { name: 'Whose yes a change needs' })).toContainText('partitions_max 2');
  await settled(page);
  await expectAccessible(page);
  const json = page.getByLabel('As JSON');
  for (const [was, days] of [
    [14, 13],
    [13, 14],
  ]) {
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await expect(json).toHaveValue(new RegExp(`"request_days_max": ${was}\\b`));
    const before = await json.inputValue();
    await json.fill('{');
    await expect(page.getByRole('button', { name: 'Set the policy' })).toBeDisabled();
    await json.fill(JSON.stringify({ ...(JSON.parse(before) as object), request_days_max: 'many' }));
    await page.getByRole('button', { name: 'Set the policy' }).click();
    await expect(page.getByRole('alert')).toContainText('request_days_max');
    await json.fill(JSON.stringify({ ...(JSON.parse(before) as object), request_days_max: days }));
    await expect(page.getByRole('table', { name: 'What changes' })).toContainText('request_days_max');
    await page.getByLabel(/^Reason/).fill('tests of the pages');
    await page.getByRole('button', { name: 'Set the policy' }).click();
    await expect(page.getByText(/^The policy is version \d+ now\.$/).last()).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/policy$/);
    await expect(page.getByRole('definition').filter({ hasText: new RegExp(`^${days}$`) })).toBeVisible();
  }
});
