import { consumer, lanemq } from './commandLine';
import { expect, expectAccessible, RUN, settled, test } from './support';

const TOPIC = `shop.payments${RUN}`;
const GROUP = `shop.charges${RUN}`;

// Odd orders want a currency.
const HANDLER = `
read -r line
case "$line" in
  *currency*) exit 0 ;;
  *odd*) echo "the ledger wants a currency" >&2; exit 65 ;;
  *) exit 0 ;;
esac`;

test('what handlers give up on is looked at, mended and redriven, or dropped', async ({ open }) => {
  test.setTimeout(300_000);
  lanemq(['topic', 'create', TOPIC, '--partitions=2']);
  lanemq(
    ['produce', TOPIC, '-K', '\t'],
    Array.from({ length: 12 }, (_, n) => `key-${n}\t{"order":${n},"kind":"${n % 2 ? 'odd' : 'even'}"}\n`).join(''),
  );
  const running = consumer(TOPIC, GROUP, HANDLER);
  try {
    const page = await open('ada', `/groups/${GROUP}/dead-letters`);
    const letters = page.getByRole('table', { name: 'Dead letters' });
    await expect(letters.getByRole('row')).toHaveCount(7, { timeout: 60_000 });
    await expect(page.getByRole('table', { name: 'By reason' })).toContainText('exit_65');
    await settled(page);
    await expectAccessible(page);

    // The list of all groups and the first page tell of it, a moment later.
    const all = await open('ada', '/dead-letters');
    const sum = all
      .getByRole('table', { name: 'Dead letters of all groups' })
      .getByRole('row')
      .filter({ hasText: GROUP });
    await expect(sum.getByRole('cell').nth(2)).toHaveText('6', { timeout: 60_000 });
    await settled(all);
    await expectAccessible(all);
    await sum.getByRole('link', { name: GROUP }).click();
    await expect(all).toHaveURL(`/groups/${GROUP}/dead-letters?topic=${TOPIC}`);
    await expect(all.getByRole('table', { name: 'Dead letters' }).getByRole('row')).toHaveCount(7);
    await all.keyboard.press('g');
    await all.keyboard.press('h');
    const onHome = all.getByRole('list', { name: 'Dead letters' }).getByRole('link', { name: GROUP });
    await expect(onHome).toHaveAttribute('href', `/groups/${GROUP}/dead-letters?topic=${TOPIC}`);
    await all.keyboard.press('Control+k');
    await all.keyboard.type('dead');
    await all.getByRole('option', { name: /^Dead letters/ }).click();
    await expect(all).toHaveURL(/\/dead-letters$/);

    // One is mended.
    await letters.getByRole('link').first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('the ledger wants a currency')).toBeVisible();
    await expect(dialog.getByText('"kind": "odd"')).toBeVisible();
    await expect(dialog.getByRole('link', { name: 'Where is it now' })).toHaveAttribute(
      'href',
      new RegExp(`^/topics/${TOPIC}/messages/\\d/\\d+$`),
    );
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Edit and redrive' }).click();
    const editor = page.getByRole('dialog').last();
    await expect(editor.getByRole('button', { name: 'Redrive as edited' })).toBeDisabled();
    await editor.getByLabel('Body', { exact: true }).fill('{"order":1,"currency":"EUR"}');
    await editor.getByRole('button', { name: 'Redrive as edited' }).click();
    await expect(letters.getByRole('row')).toHaveCount(6, { timeout: 60_000 });
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);

    // Two are redriven as they are, and fail again.
    for (const box of (await letters.getByRole('checkbox').all()).slice(0, 2)) await box.check();
    await page.getByRole('button', { name: 'Redrive 2' }).click();
    await expect(page.getByRole('dialog')).toContainText('2 letters are tried again');
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive', exact: true }).click();
    const redrives = page.getByRole('table', { name: 'Redrives' });
    await expect(redrives).toContainText('Done', { timeout: 60_000 });
    // Not the list as it was before.
    await expect(letters.getByRole('checkbox', { checked: true })).toHaveCount(0);
    await expect(letters.getByRole('row')).toHaveCount(6, { timeout: 60_000 });

    // The rest is given up.
    await page.getByRole('button', { name: 'Drop all' }).click();
    const drop = page.getByRole('dialog');
    await expect(drop).toContainText('5 letters go for good', { timeout: 60_000 });
    await drop.getByLabel(`To go on, type ${GROUP}`).fill(GROUP);
    await drop.getByRole('button', { name: 'Drop', exact: true }).click();
    await expect(page.getByText('No dead letters')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('table', { name: 'What was done to them' })).toContainText('drop');
  } finally {
    running.kill('SIGINT');
  }
});

test('who may not consume with a group does not read its dead letters', async ({ open }) => {
  const page = await open('mick', `/groups/${GROUP}/dead-letters`);
  await expect(page.getByRole('alert').first()).toContainText('AUTHORIZATION_FAILED');
  await expect(page.getByText('the ledger wants a currency')).toHaveCount(0);
});
