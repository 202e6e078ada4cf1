import { consumer, lanemq } from './commandLine';
import { expect, expectAccessible, settled, test } from './support';

// Odd orders want a currency; orders from 8 on time out until the handler is told otherwise by a header.
const HANDLER = `
read -r line
case "$line" in
  *currency*) exit 0 ;;
  *odd*) echo "the ledger wants a currency" >&2; exit 65 ;;
  *) exit 0 ;;
esac`;

test('what handlers give up on is looked at, mended and redriven, or dropped', async ({ open }) => {
  test.setTimeout(300_000);
  lanemq(['topic', 'create', 'shop.payments', '--partitions=2']);
  lanemq(
    ['produce', 'shop.payments', '-K', '\t'],
    Array.from({ length: 12 }, (_, n) => `key-${n}\t{"order":${n},"kind":"${n % 2 ? 'odd' : 'even'}"}\n`).join(''),
  );
  const running = consumer('shop.payments', 'shop.charges', HANDLER);
  try {
    const page = await open('ada', '/groups/shop.charges/dead-letters');
    const letters = page.getByRole('table', { name: 'Dead letters' });
    await expect(letters.getByRole('row')).toHaveCount(7, { timeout: 60_000 });
    await expect(page.getByRole('table', { name: 'By reason' })).toContainText('exit_65');
    await settled(page);
    await expectAccessible(page);

    // One is mended.
    await letters.getByRole('link').first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('the ledger wants a currency')).toBeVisible();
    await expect(dialog.getByText('"kind": "odd"')).toBeVisible();
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
    await expect(page.getByRole('table', { name: 'Redrives' })).toContainText('Done', { timeout: 60_000 });
    await expect(letters.getByRole('row')).toHaveCount(6, { timeout: 60_000 });

    // The rest is given up.
    await page.getByRole('button', { name: 'Drop all' }).click();
    const drop = page.getByRole('dialog');
    await expect(drop).toContainText('5 letters go for good');
    await drop.getByLabel('To go on, type shop.charges').fill('shop.charges');
    await drop.getByRole('button', { name: 'Drop', exact: true }).click();
    await expect(page.getByText('No dead letters')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('table', { name: 'What was done to them' })).toContainText('drop');
  } finally {
    running.kill('SIGINT');
  }
});

test('who may not read a topic does not read its dead letters', async ({ open }) => {
  const page = await open('mick', '/groups/shop.charges/dead-letters', { mayFail: true });
  await expect(page.getByText('the ledger wants a currency')).toHaveCount(0);
});
