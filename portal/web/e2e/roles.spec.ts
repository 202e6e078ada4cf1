/** What each role sees and may press; and that nobody reads in messages who may not look into them. */
import { consumer, lanemq } from './commandLine';
import { allowed, asAdmin, expect, expectAccessible, type Page, type Person, RUN, settled, test } from './support';

const EVERYBODY: Person[] = ['vera', 'otto', 'mick', 'lena', 'olga', 'ada'];
const OPERATORS: Person[] = ['olga', 'ada'];
const ADMINS: Person[] = ['ada'];

const TOPIC = `shop.sealed${RUN}`;
const GROUP = `shop.opener${RUN}`;
const SECRET = 'four-digits-4711';

/** A button that only some may press tells the others why. */
async function expectButton(page: Page, name: string, may: boolean, why: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true }).first();
  if (may) await expect(button).toBeEnabled();
  else {
    await expect(button).toBeDisabled();
    await expect(button).toHaveAttribute('title', why);
  }
}

/** Who may do it has a button; the others are led to a request. */
async function expectDeed(page: Page, button: string, link: string, may: boolean): Promise<void> {
  const deed = page.getByRole('button', { name: button, exact: true }).first();
  const ask = page.getByRole('link', { name: link, exact: true }).first();
  await expect(may ? deed : ask).toBeVisible();
  await expect(may ? ask : deed).toHaveCount(0);
}

for (const person of EVERYBODY) {
  const operates = OPERATORS.includes(person);
  const administers = ADMINS.includes(person);

  test(`${person} is offered what the role may do, and told why not`, async ({ open }) => {
    const page = await open(person, '/people');
    await expectButton(page, 'New person', administers, 'Only admins may do this.');
    await page.goto('/teams');
    await expectDeed(page, 'New team', 'Ask for a team', administers);
    await page.goto('/teams/shop');
    await expectDeed(page, 'Edit', 'Ask for a change', administers);
    await expectButton(page, 'Delete', administers, 'Only admins may do this.');
    await page.goto('/services');
    await expectButton(page, 'New service', administers, 'Only admins may do this.');
    await page.goto('/grants');
    await expectDeed(page, 'New grant', 'Ask for a grant', administers);
    await page.goto('/quotas?q=shop');
    await expectDeed(page, 'Change', 'Ask for more', operates);
    await page.goto('/tokens');
    await expect(page.getByText(/^Your own tokens and sessions/)).toHaveCount(administers ? 0 : 1);
    await page.goto('/admin/policy');
    await expect(page.getByRole('heading', { name: 'Whose yes a change needs' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Edit', exact: true })).toHaveCount(administers ? 1 : 0);
    await page.goto('/admin/nodes');
    await expectButton(page, 'Add a data node', operates, 'Only operators and admins may do this.');
  });

  test(`${person} is told by a page that it is not for the role`, async ({ open }) => {
    const page = await open(person, '/');
    for (const [path, may] of [
      ['/admin/nodes', operates],
      ['/admin/moves', operates],
      ['/admin/slow', operates],
      ['/admin/settings', operates],
      ['/admin/capacity', operates],
      ['/admin/placement', operates],
      ['/alerts/channels', operates],
      ['/audit', administers],
    ] as const) {
      await page.goto(path);
      if (may) {
        await settled(page);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.getByRole('alert')).toHaveCount(0);
      } else {
        await expect(page.getByRole('alert').first()).toContainText('AUTHORIZATION_FAILED');
      }
    }
    await expectAccessible(page);
  });

  test(`${person} may send to a topic, or is told that not`, async ({ open }) => {
    const page = await open(person, '/topics/shop.orders');
    await page.getByRole('button', { name: 'Send a message' }).click();
    const dialog = page.getByRole('dialog');
    const send = dialog.getByRole('button', { name: 'Send a message' });
    if (operates) await expect(send).toBeEnabled();
    else {
      await expect(dialog.getByText(/^You may not produce to this topic\. no role, ownership or grant/)).toBeVisible();
      await expect(send).toBeDisabled();
    }
  });
}

test('what only the server knows to refuse is said in its words, where it was tried', async ({ open }) => {
  const page = await open('otto', '/groups/shop.billing');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('AUTHORIZATION_FAILED');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
});

test('without a right to messages nothing of them is seen, on no way', async ({ open }) => {
  for (const person of ['vera', 'otto', 'mick'] as const) {
    const page = await open(person, '/topics/shop.orders/messages');
    const views = ['messages', 'messages?view=search&body=order', 'messages?view=tail', 'messages?m=0%2F1', 'delayed'];
    for (const path of views) {
      await page.goto(`/topics/shop.orders/${path}`);
      await expect(page.getByText('Messages of this topic are not yours to see')).toBeVisible();
      await expect(page.getByRole('main')).not.toContainText('"order"');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    }
    // Where a message is everybody may know who may describe the topic.
    await page.goto('/topics/shop.orders/messages/0/1');
    await expect(page.getByRole('region', { name: 'Where is it now' })).toContainText('It is in the log.');
    await expect(page.getByText('You may not read contents:')).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText('"order"');
    await page.goto('/groups/shop.billing/dead-letters');
    await expect(page.getByRole('alert').first()).toContainText('AUTHORIZATION_FAILED');
  }
});

test.describe('who may consume and not look', () => {
  test.describe.configure({ mode: 'serial' });

  test.beforeAll(async ({ request }) => {
    await asAdmin(request, 'POST', '/topics', { name: TOPIC, partitions: 1 });
    await asAdmin(request, 'PUT', `/owners/topic/${TOPIC}`, { team: 'shop' });
    await asAdmin(request, 'PUT', `/owners/group/${GROUP}`, { team: 'shop' });
    const grant = { kind: 'topic', name: TOPIC, principal: 'team:other', actions: ['consume'] };
    await asAdmin(request, 'POST', '/grants', grant);
    lanemq(['produce', TOPIC, '-k', SECRET, '-H', `pin=${SECRET}`], `${SECRET}\n${SECRET}\n`);
    lanemq(['produce', TOPIC, '-k', SECRET, '--delay', '2h'], `${SECRET}\n`);
    await allowed(request, 'otto', 'topic', TOPIC, 'consume');
  });

  test('sees that there are messages, but neither keys, headers nor bodies', async ({ open }) => {
    const page = await open('otto', `/topics/${TOPIC}/messages`);
    const rows = page.getByRole('table', { name: `Messages of ${TOPIC}` }).getByRole('row');
    const nothing = async () => {
      await settled(page);
      await expect(page.getByText('You may not read contents:')).toBeVisible();
      await expect(page.getByRole('link', { name: 'ask for peek' })).toBeVisible();
      await expect(page.getByRole('main')).not.toContainText(SECRET);
    };
    // Brokers learn of a grant a moment later, and a page of messages stays as it was read.
    await expect(async () => {
      await page.goto(`/topics/${TOPIC}/messages`);
      await expect(rows).toHaveCount(3, { timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(rows.nth(1)).toContainText('hidden');
    await nothing();
    await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeDisabled();
    await expectAccessible(page);

    await rows.nth(1).getByRole('button').click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('You may not read contents:')).toBeVisible();
    await expect(dialog).toContainText('It is in the log.');
    await expect(dialog).not.toContainText(SECRET);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toHaveCount(0);

    // Whoever searches by the address would learn by what is found: nothing is looked for.
    const searches: string[] = [];
    page.on('request', (asked) => {
      if (asked.url().endsWith('/messages:search')) searches.push(asked.url());
    });
    await page.goto(`/topics/${TOPIC}/messages?view=search&body=${SECRET}`);
    await nothing();
    await expect(page.getByRole('button', { name: 'Start the search' })).toHaveCount(0);
    await expect(page.getByRole('table')).toHaveCount(0);
    expect(searches).toEqual([]);

    // Nor is the tail filtered by what nobody here may see.
    await page.goto(`/topics/${TOPIC}/messages?view=tail&q=nobody-sends-it`);
    await expect(page.getByText('Waiting for messages')).toBeVisible();
    await expect(page.getByLabel('Show alone')).toHaveCount(0);
    lanemq(['produce', TOPIC, '-k', SECRET], `${SECRET}\n`);
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText('hidden');
    await nothing();

    await page.goto(`/topics/${TOPIC}/delayed`);
    await expect(page.getByText('Messages of this topic are not yours to see')).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText(SECRET);
    const lead = await open('lena', `/topics/${TOPIC}/delayed`);
    await expect(lead.getByRole('table', { name: `Delayed messages of ${TOPIC}` })).toContainText(SECRET);
  });

  test('sees dead letters of a group, but not what is in them', async ({ open, request }) => {
    test.setTimeout(300_000);
    const running = consumer(TOPIC, GROUP, 'echo "cannot take $(cat)" >&2; exit 65');
    try {
      const path = `/groups/${GROUP}/dead-letters`;
      const operator = await open('olga', path);
      await expect(operator.getByRole('table', { name: 'Dead letters' })).toContainText(`cannot take ${SECRET}`, {
        timeout: 60_000,
      });
      // They manage the group, and its lead may look at messages; letters are for who consumes.
      for (const person of ['mick', 'lena', 'vera'] as const) {
        const page = await open(person, path);
        await expect(page.getByRole('alert').first()).toContainText('AUTHORIZATION_FAILED');
        await expect(page.getByRole('main')).not.toContainText(SECRET);
      }

      const grants = (await asAdmin(request, 'GET', `/grants?kind=topic&name=${TOPIC}`)).grants as { id: string }[];
      for (const { id } of grants) await asAdmin(request, 'DELETE', `/grants/${id}`);
      const grant = { kind: 'group', name: GROUP, principal: 'team:other', actions: ['consume'] };
      await asAdmin(request, 'POST', '/grants', grant);
      await allowed(request, 'otto', 'group', GROUP, 'consume');
      const page = await open('otto', path);
      const letters = page.getByRole('table', { name: 'Dead letters' });
      await expect(letters.getByRole('row').nth(1)).toContainText('hidden');
      await expect(page.getByText(`You may not read contents of ${TOPIC}:`)).toBeVisible();
      await expect(page.getByRole('main')).not.toContainText(SECRET);
      await letters.getByRole('link').first().click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByText('You may not read contents:')).toBeVisible();
      await expect(dialog.getByRole('button', { name: 'Edit and redrive' })).toBeDisabled();
      await expect(dialog).not.toContainText(SECRET);
      await expectAccessible(page);
    } finally {
      running.kill('SIGINT');
    }
  });
});
