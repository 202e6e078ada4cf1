import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, expectAccessible, settled, test } from './support';

const CLUSTER = fileURLToPath(new URL('cluster.py', import.meta.url));
const server = (deed: 'stop' | 'start', name: string) =>
  execFileSync('python3', [CLUSTER, deed, name], { stdio: 'inherit' });

const lanemq = (words: string[], input?: string) =>
  execFileSync(
    process.env.LANEMQ_CLI as string,
    [
      `--bootstrap-server=${process.env.LANEMQ_BOOTSTRAP}`,
      `--token-file=${process.env.LANEMQ_RUN_DIR}/setup.token`,
      ...words,
    ],
    { input, encoding: 'utf8' },
  );

for (const [name, what] of [
  ['portal', 'The gateway does not answer'],
  ['metaserver', 'Out of date'],
] as const) {
  test(`without the ${name} a page keeps what it has, says how old it is, and comes back by itself`, async ({
    open,
  }) => {
    test.setTimeout(300_000);
    const page = await open('olga', '/topics?q=shop', { mayFail: true });
    await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
    await page.getByRole('button', { name: /^Refresh:/ }).click();
    await page.getByRole('menuitemradio', { name: 'Every 1 s' }).click();
    server('stop', name);
    try {
      await expect(page.getByRole('alert').first()).toContainText(what, { timeout: 90_000 });
      await expect(page.getByRole('alert').first()).toContainText(/Shown as of .* ago/);
      await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
      await expectAccessible(page);
      if (name === 'portal') {
        // It is nobody's way to his messages.
        lanemq(['produce', 'shop.orders', '-k', 'meanwhile'], 'written without a portal\n');
        expect(lanemq(['consume', 'shop.orders', '-o', 'start', '-e', '-f', '%v\n'])).toContain(
          'written without a portal',
        );
      }
    } finally {
      server('start', name);
    }
    await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 60_000 });
    await expect(page.getByRole('link', { name: 'shop.orders' })).toBeVisible();
  });
}

test('a page that is opened while there is no metaserver says so, and shows itself later', async ({ open }) => {
  test.setTimeout(300_000);
  const page = await open('olga', '/', { mayFail: true });
  await settled(page);
  server('stop', 'metaserver');
  try {
    await page.getByRole('link', { name: 'Topics', exact: true }).click();
    await expect(page.getByRole('alert').first()).toContainText('This could not be read', { timeout: 90_000 });
  } finally {
    server('start', 'metaserver');
  }
  await expect(page.getByRole('table', { name: 'Topics' }).getByRole('row').nth(1)).toBeVisible({ timeout: 60_000 });
});
