import { consumer, lanemq } from './commandLine';
import { expect, expectAccessible, RUN, settled, test } from './support';

const TOPIC = `shop.returns${RUN}`;
const GROUP = `shop.clerk${RUN}`;
const CHANNEL = `nowhere-${RUN}`;
const REPORTS = `shop.reports${RUN}`;

test('an alert fires, is looked at, muted and unmuted', async ({ open }) => {
  test.setTimeout(300_000);
  lanemq(['topic', 'create', TOPIC, '--partitions=1']);
  lanemq(['produce', TOPIC], 'broken\nbroken\n');
  const running = consumer(TOPIC, GROUP, 'exit 65');
  try {
    const page = await open('ada', '/alerts');
    const alert = page.getByRole('row', { name: new RegExp(`dead_letters_growing.*${GROUP}`) });
    await expect(alert).toContainText('Firing · Ticket', { timeout: 120_000 });
    await settled(page);
    await expectAccessible(page);
    const subject = alert.getByRole('link', { name: /^group / });
    await expect(subject).toHaveAttribute('href', `/groups/${GROUP}/dead-letters?topic=${TOPIC}`);
    await alert.getByRole('button', { name: 'Mute' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('Of the open alerts 1 is meant now.')).toBeVisible();
    const mute = dialog.getByRole('button', { name: 'Mute' });
    await expect(mute).toBeDisabled();
    await dialog.getByLabel('Reason').fill('known: returns are rebuilt');
    await expectAccessible(page);
    await mute.click();
    await expect(alert).toContainText('Muted', { timeout: 60_000 });

    await alert.getByRole('link', { name: 'dead_letters_growing' }).click();
    await expect(page.getByRole('definition').filter({ hasText: 'known: returns are rebuilt' })).toBeVisible();
    await expect(page.getByRole('table', { name: 'What happened' })).toContainText('fired');
    await expectAccessible(page);

    await page.goto(`/groups/${GROUP}/alerts`);
    const muted = page.getByRole('table', { name: 'Muted' });
    await expect(muted).toContainText('known: returns are rebuilt');
    await muted.getByRole('button', { name: 'Unmute' }).click();
    await expect(page.getByText('Notices are sent again')).toBeVisible();
    await expect(muted).toHaveCount(0);
  } finally {
    running.kill('SIGINT');
  }
});

test('a channel is tried, and says what the other side answered', async ({ open }) => {
  const page = await open('ada', '/alerts/channels');
  await page.getByRole('button', { name: 'Add a channel' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(CHANNEL);
  // Nothing listens on the port of "discard".
  await dialog.getByLabel('Address').fill('http://127.0.0.1:9/hook');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row', { name: new RegExp(CHANNEL) });
  await row.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText(/^It did not arrive/)).toBeVisible();
  await settled(page);
  await expectAccessible(page);
  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: 'Remove the channel' }).click();
  await dialog.getByLabel(`To go on, type ${CHANNEL}`).fill(CHANNEL);
  await dialog.getByRole('button', { name: 'Remove the channel' }).click();
  await expect(row).toHaveCount(0);
});

test('an objective is set and removed; rules can be read', async ({ open }) => {
  const page = await open('ada', '/alerts/objectives');
  await page.getByRole('button', { name: 'Set an objective' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Group').fill(REPORTS);
  await dialog.getByLabel(/^Lag at most/).fill('6h');
  await dialog.getByLabel('Being slow is').selectOption('ticket');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row', { name: new RegExp(REPORTS) });
  await expect(row).toContainText('6 h');
  await expectAccessible(page);
  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole('link', { name: 'Rules' }).click();
  await expect(page.getByRole('row', { name: /group_stopped/ })).toContainText(
    'messages wait and nothing is committed',
  );
  await expectAccessible(page);
});

test('without outboxes the page says how one begins', async ({ open }) => {
  const page = await open('ada', '/outboxes');
  await expect(page.getByText('No outboxes yet')).toBeVisible();
  await expectAccessible(page);
});
