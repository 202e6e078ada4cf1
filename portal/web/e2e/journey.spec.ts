/** One story through the whole: from the sign-in to the audit log that tells all of it. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { codeOf, consumer, lanemq, newFolder } from './commandLine';
import { expect, type Page, PASSWORD, RUN, settled, test } from './support';

const SMALL = `shop.small${RUN}`;
const LARGE = `shop.large${RUN}`;
const GROUP = `shop.ledger${RUN}`;
const PARTITIONS = 8;
const EACH = 5;

const handled = join(newFolder(), 'handled');
// Tells what it was given; odd orders want a currency.
const HANDLER = `
read -r line
echo "$LANEMQ_PARTITION/$LANEMQ_OFFSET" >> ${handled}
case "$line" in
  *currency*) exit 0 ;;
  *odd*) echo "the ledger wants a currency" >&2; exit 65 ;;
esac
exit 0`;
const handledIds = () => (existsSync(handled) ? readFileSync(handled, 'utf8').trim().split('\n') : []);

/** What the group is asked to do: "latest" of a group that has read all changes nothing. */
async function showPlan(page: Page, way: 'earliest' | 'latest'): Promise<void> {
  await page.getByLabel('To', { exact: true }).selectOption(way);
  await page.getByRole('button', { name: 'Show the plan' }).click();
}

async function awaitCaughtUp(page: Page): Promise<void> {
  await expect(async () => {
    await showPlan(page, 'latest');
    await expect(page.getByText('Nothing would change.')).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 120_000 });
}

test('from the sign-in to the audit log', async ({ page, open }) => {
  test.setTimeout(900_000);
  let request = '';
  let secret = '';
  let token = '';

  await test.step('sign in', async () => {
    await page.goto('/new-topic');
    await page.getByLabel('Name').fill('mick');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'New topic', level: 1 })).toBeVisible();
  });

  await test.step('a topic within the policy is there at once', async () => {
    await expect(page.getByLabel('Name')).toHaveValue('shop.');
    await page.getByLabel('Name').fill(SMALL);
    await page.getByLabel('Messages a day').fill('200k');
    await expect(page.getByText('Allowed: it is done at once')).toBeVisible();
    await page.getByRole('button', { name: 'Create a topic' }).click();
    await expect(page.getByRole('heading', { name: SMALL, level: 1 })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Make a token' })).toBeVisible();
  });

  await test.step('one beyond it waits for somebody else, who says yes', async () => {
    await page.getByRole('link', { name: 'Another topic' }).click();
    await expect(page.getByLabel('Name')).toHaveValue('shop.');
    await page.getByLabel('Name').fill(LARGE);
    await page.getByText('Order, retention, partitions').click();
    await page.getByLabel('Partitions').fill(String(PARTITIONS));
    // Tokens of people read what is in messages with the right to peek alone.
    await page.getByLabel(/^They may read what is in its messages/).check();
    await expect(page.getByText('It waits for leads of shop.')).toBeVisible();
    await page.getByRole('button', { name: 'Ask for it' }).click();
    await expect(page.getByText(/^Request \d+: pending$/)).toBeVisible();
    request = new URL(page.url()).searchParams.get('request') ?? '';

    const lead = await open('lena', '/requests');
    await lead.getByRole('link', { name: `New topic ${LARGE}` }).click();
    await expect(lead.getByText('It waits for the yes of leads of shop.')).toBeVisible();
    await lead.getByRole('button', { name: 'Approve' }).click();
    const dialog = lead.getByRole('dialog');
    await dialog.getByLabel(/^Reason/).fill('eight consumers are planned');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect(lead.getByText('All of it has been done.')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('messages are sent with a token of the page, and read back', async () => {
    await page.getByRole('button', { name: 'Make a token' }).click({ timeout: 60_000 });
    secret = await page.getByText(/^lmq_/).innerText();
    token = secret.split('_')[1] ?? '';
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const orders = Array.from({ length: EACH }, (_, n) => `{"order":${partition * EACH + n},"kind":"even"}\n`);
      // Rights count within a second or two, at each broker by itself.
      await expect(() =>
        lanemq(['produce', LARGE, '-p', String(partition), '-k', `key-${partition}`], orders.join(''), secret),
      ).toPass({ timeout: 30_000 });
    }
    await expect(page.getByText('It has come')).toBeVisible();
    const read = lanemq(['consume', LARGE, '-o', 'start', '-e', '-f', '%k %v\n'], '', secret);
    expect(read.trim().split('\n')).toHaveLength(PARTITIONS * EACH);
    expect(read).toContain('key-7 {"order":39,"kind":"even"}');
    const operator = await open('olga', `/topics/${LARGE}/messages?partition=7`);
    await expect(operator.getByRole('table', { name: `Messages of ${LARGE}` })).toContainText('"order":39');
  });

  const admin = await open('ada', '/groups');
  let running: ChildProcess | undefined;
  try {
    await test.step('a group that is behind is seen, with the course of its lag', async () => {
      lanemq(['consume', LARGE, '--group', GROUP, '-n', '12']);
      await admin.goto(`/groups?q=${GROUP}`);
      await admin.getByRole('link', { name: GROUP, exact: true }).click({ timeout: 60_000 });
      const behind = admin.locator('dl > div').filter({ hasText: 'Messages behind' });
      await expect(behind.getByRole('definition')).toHaveText(/^[1-9]\d*$/);
      // A row of the history is written twice a minute.
      await expect(admin.getByRole('figure', { name: `Lag on ${LARGE}`, exact: true })).toBeVisible({
        timeout: 150_000,
      });
    });

    await test.step('its offsets are moved by a plan while it consumes', async () => {
      running = consumer(LARGE, GROUP, HANDLER);
      await admin.goto(`/groups/${GROUP}/offsets`);
      await admin.getByLabel('Topic').fill(LARGE);
      await awaitCaughtUp(admin);
      await showPlan(admin, 'earliest');
      await expect(admin.getByText('8 partitions change: 40 to read again, 0 skipped.')).toBeVisible();
      const before = handledIds().length;
      await admin.getByRole('button', { name: 'Move the offsets' }).click();
      const dialog = admin.getByRole('dialog');
      await dialog.getByLabel(/^Reason/).fill(`replay ${RUN}`);
      await dialog.getByLabel(`To go on, type ${GROUP}`).fill(GROUP);
      await dialog.getByRole('button', { name: 'Move the offsets' }).click();
      await expect(admin.getByText('8 partitions moved')).toBeVisible();
      await expect(admin.getByRole('table', { name: 'Moved before' })).toContainText(`replay ${RUN}`);
      await expect(admin.getByRole('table', { name: 'Moved before' })).toContainText('-40');
      const readAgain = () => new Set(handledIds().slice(before)).size;
      await expect.poll(readAgain, { timeout: 60_000 }).toBe(PARTITIONS * EACH);
      await awaitCaughtUp(admin);
    });

    await test.step('what a handler gives up on is mended and redriven', async () => {
      const before = handledIds().length;
      lanemq(['produce', LARGE, '-p', '0'], '{"order":101,"kind":"odd"}\n{"order":102,"kind":"odd"}\n');
      await admin.goto(`/groups/${GROUP}/dead-letters`);
      const letters = admin.getByRole('table', { name: 'Dead letters' });
      await expect(letters.getByRole('row')).toHaveCount(3, { timeout: 60_000 });
      await letters.getByRole('link').first().click();
      await expect(admin.getByRole('dialog')).toContainText('the ledger wants a currency');
      await admin.getByRole('dialog').getByRole('button', { name: 'Edit and redrive' }).click();
      const editor = admin.getByRole('dialog').last();
      await editor.getByLabel('Body', { exact: true }).fill('{"order":101,"currency":"EUR"}');
      await editor.getByRole('button', { name: 'Redrive as edited' }).click();
      await expect(letters.getByRole('row')).toHaveCount(2, { timeout: 60_000 });
      await admin.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      // Two that failed, and the one that was mended.
      await expect.poll(() => handledIds().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + 3);
    });

    await test.step('a delayed message is taken back', async () => {
      await admin.goto(`/topics/${LARGE}`);
      await admin.getByRole('button', { name: 'Send a message' }).click();
      const dialog = admin.getByRole('dialog');
      await dialog.getByLabel('Body').fill('not yet');
      await dialog.getByLabel(/^Deliver later/).fill('2h');
      await dialog.getByRole('button', { name: 'Send a message' }).click();
      await expect(admin.getByText(/it is delivered when it is due/)).toBeVisible();
      await admin.getByRole('link', { name: 'Delayed' }).click();
      const waiting = admin.getByRole('table', { name: `Delayed messages of ${LARGE}` });
      await expect(waiting).toContainText('not yet');
      await waiting.getByRole('checkbox').check();
      await admin.getByRole('button', { name: 'Cancel 1' }).click();
      await dialog.getByLabel(`To go on, type ${LARGE}`).fill(LARGE);
      await dialog.getByRole('button', { name: 'Cancel the message' }).click();
      await expect(admin.getByText(/^1 of 1 cancelled/)).toBeVisible();
      await expect(admin.getByText('No message waits for its time')).toBeVisible();
    });

    await test.step('the alert about the other dead letter fires, and is muted', async () => {
      await admin.goto('/alerts');
      const alert = admin.getByRole('row', { name: new RegExp(`dead_letters_growing.*${GROUP}`) });
      await expect(alert).toContainText('Firing · Ticket', { timeout: 120_000 });
      await alert.getByRole('button', { name: 'Mute' }).click();
      const dialog = admin.getByRole('dialog');
      await dialog.getByLabel('Reason').fill(`known: ${RUN}`);
      await expect(dialog.getByText('Of the open alerts 1 is meant now.')).toBeVisible();
      await dialog.getByRole('button', { name: 'Mute' }).click();
      await expect(alert).toContainText('Muted', { timeout: 60_000 });
    });
  } finally {
    running?.kill('SIGINT');
  }

  await test.step('the token is revoked, and counts no more', async () => {
    expect(codeOf(['topic', 'describe', LARGE], secret)).toBe(0);
    await page.goto('/tokens');
    const row = page.getByRole('row', { name: new RegExp(LARGE) });
    await row.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(`To go on, type ${token}`).fill(token);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByText(`Token ${token} is revoked.`)).toBeVisible();
    await expect(row).toHaveCount(0);
    await expect.poll(() => codeOf(['topic', 'describe', LARGE], secret)).not.toBe(0);
  });

  await test.step('the audit log tells all of it', async () => {
    const table = admin.getByRole('table', { name: 'Audit' });
    const told = async (query: string, texts: string[]) => {
      await admin.goto(`/audit?since=1h&${query}`);
      for (const text of texts) await expect(table).toContainText(text);
    };
    await told(`kind=change_request&name=${request}`, ['proposeChange', 'person:mick']);
    await told(`kind=change_request&name=${request}`, ['actOnChange:approve', 'person:lena']);
    await told(`kind=topic&name=${SMALL}`, [SMALL, 'person:mick']);
    await told(`kind=topic&name=${LARGE}`, ['applyRequest']);
    await told(`kind=group&name=${GROUP}`, ['resetOffsets', `replay ${RUN}`, 'redriveEdited', 'person:ada']);
    await told(`kind=token&name=${token}`, ['issueToken', 'revokeToken', 'person:mick']);
    await told('action=silenceAlert', ['person:ada']);
    await settled(admin);
    await table.getByRole('button', { name: 'silenceAlert' }).first().click();
    await expect(admin.getByRole('dialog')).toContainText(GROUP);
  });
});
