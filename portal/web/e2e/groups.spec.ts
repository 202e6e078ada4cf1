import { consumer, lanemq } from './commandLine';
import { expect, expectAccessible, RUN, settled, test } from './support';

const REPLAY = `shop.replay${RUN}`;
const PLAYER = `shop.player${RUN}`;

test('the list tells lag against the objective; the group why, and how it went', async ({ open }) => {
  test.setTimeout(300_000);
  const page = await open('ada', '/groups');
  const row = page.getByRole('row', { name: /shop\.billing/ });
  // 400 of the seed, and what other tests have sent.
  await expect(row).toContainText(/4\d\d/);
  await expect(row).toContainText(/× of 1 min/);
  await settled(page);
  await expectAccessible(page);

  await row.getByRole('link', { name: 'shop.billing' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('shop.billing');
  const whom = page.locator('dl > div').filter({ hasText: 'Whom to ask' });
  await expect(whom.getByRole('link', { name: 'lena' })).toBeVisible();
  // A row of the history is written twice a minute.
  const chart = page.getByRole('figure', { name: 'Lag on shop.orders', exact: true });
  await expect(chart).toBeVisible({ timeout: 150_000 });
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Partitions', exact: true }).click();
  const table = page.getByRole('table', { name: 'Partitions of shop.orders' });
  await expect(table.getByRole('row')).toHaveCount(5);
  const path = new URL(page.url()).pathname;
  await table.getByRole('link').first().click();
  await expect(page).toHaveURL(/\/topics\/shop\.orders\/messages\/\d\/\d+$/);
  await page.goto(path);
  await page.getByRole('link', { name: /^Members/ }).click();
  await expect(page.getByText('No consumer is in the group')).toBeVisible();
  await expectAccessible(page);
});

test('offsets are moved while the group runs, by a plan, and put back', async ({ open }) => {
  test.setTimeout(300_000);
  lanemq(['topic', 'create', REPLAY, '--partitions=2']);
  lanemq(
    ['produce', REPLAY, '-K', '\t'],
    Array.from({ length: 40 }, (_, n) => `key-${n % 8}\t{"order":${n}}\n`).join(''),
  );
  const running = consumer(REPLAY, PLAYER, 'exit 0');
  try {
    const page = await open('ada', `/groups/${PLAYER}/offsets`);
    await page.getByLabel('Topic').fill(REPLAY);
    // The members have read it all: going to the end changes nothing.
    await page.getByLabel('To', { exact: true }).selectOption('latest');
    await expect(async () => {
      await page.getByRole('button', { name: 'Show the plan' }).click();
      await expect(page.getByText('Nothing would change.')).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByRole('button', { name: 'Move the offsets' })).toBeDisabled();

    await page.getByLabel('To', { exact: true }).selectOption('earliest');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await expect(page.getByText('2 partitions change: 40 to read again, 0 skipped.')).toBeVisible();
    await expect(page.getByRole('table', { name: 'Plan' }).getByRole('row')).toHaveCount(3);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Move the offsets' }).click();
    const dialog = page.getByRole('dialog');
    const sure = dialog.getByRole('button', { name: 'Move the offsets' });
    await expect(sure).toBeDisabled();
    await dialog.getByLabel(/^Reason/).fill('replay of May');
    await dialog.getByLabel(`To go on, type ${PLAYER}`).fill(PLAYER);
    await sure.click();
    await expect(page.getByText('2 partitions moved')).toBeVisible();

    const past = page.getByRole('table', { name: 'Moved before' });
    await expect(past).toContainText('replay of May');
    await expect(past).toContainText('-40');
    // The members have read it all again, and commit that within some seconds.
    await expect(async () => {
      await past.getByRole('button', { name: 'Put back' }).click();
      await expect(page.getByText('Nothing would change.')).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByRole('table', { name: 'Plan' })).toContainText('It is there already.');
    // As links of the overview have it: past a message that is in the way.
    await page.goto(`/groups/${PLAYER}/offsets?topic=${REPLAY}&partitions=0&way=offset&value=3`);
    await expect(page.getByLabel('Topic')).toHaveValue(REPLAY);
    await expect(page.getByLabel('Offset', { exact: true })).toHaveValue('3');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await expect(page.getByRole('table', { name: 'Plan' }).getByRole('row')).toHaveCount(2);
  } finally {
    running.kill('SIGINT');
  }
});

test('a group that does not read a topic any more forgets it, not while a member does', async ({ open }) => {
  const [topic, group] = [`shop.left${RUN}`, `shop.leaver${RUN}`];
  lanemq(['topic', 'create', topic, '--partitions=1']);
  lanemq(['produce', topic], 'one\ntwo\n');
  const running = consumer(topic, group, 'exit 0');
  const page = await open('ada', `/groups/${group}/partitions`);
  const forget = page.getByRole('button', { name: 'Forget the topic' });
  try {
    await expect(forget).toHaveAttribute('title', /^1 member reads it/, { timeout: 60_000 });
    await expect(forget).toBeDisabled();
  } finally {
    running.kill('SIGINT');
  }
  await expect(forget).toBeEnabled({ timeout: 60_000 });
  await forget.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(`The group has offsets on 1 partition of ${topic}.`);
  await dialog.getByLabel(`To go on, type ${topic}`).fill(topic);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Forget the topic' }).click();
  await expect(page.getByText(`Group ${group} has forgotten ${topic}.`)).toBeVisible();
  await expect(page.getByRole('table', { name: `Partitions of ${topic}` })).toHaveCount(0, { timeout: 60_000 });
});

test('a group is paused for a reason that everybody sees, and resumed', async ({ open }) => {
  const page = await open('ada', '/groups/shop.billing');
  const pause = page.getByRole('main').getByRole('button', { name: 'Pause', exact: true }).first();
  await pause.click();
  const dialog = page.getByRole('dialog');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(pause).toBeFocused();
  await pause.click();
  await dialog.getByLabel(/^Reason/).fill('the ledger is moved');
  await expect(dialog.getByText("--reason 'the ledger is moved' --for 30m")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('Reason: the ledger is moved')).toBeVisible();
  const other = await open('mick', '/groups/shop.billing/partitions');
  await expect(other.getByText('Reason: the ledger is moved')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Reason: the ledger is moved')).toHaveCount(0);
});

test('a retry policy shows what it comes to, and is in force', async ({ open }) => {
  const group = `shop.patient${RUN}`;
  lanemq(['consume', 'shop.orders', '--group', group, '-n', '1']);
  const page = await open('ada', `/groups/${group}/retry`);
  await expect(page.getByRole('heading', { name: 'All topics, as built in' })).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Attempts').fill('3');
  await dialog.getByLabel('First wait').fill('soon');
  await expect(dialog.getByText('This is not right.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
  await dialog.getByLabel('First wait').fill('10s');
  await expect(dialog.getByText('Waits: 10 s, 20 s.')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('definition').filter({ hasText: '10 s, 20 s' })).toBeVisible();
  const history = await open('ada', `/groups/${group}/history`);
  await expect(history.getByRole('table', { name: 'What was done to it' })).toContainText('setGroupPolicy');
});
