/** What the tests in a browser share. The cluster and what is in it: run.py, seed.py. */
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, expect, type Page, test as base } from '@playwright/test';

export const PASSWORD = 'a sentence of the tests';
/** Of those whose password somebody else chose. */
export const GIVEN_PASSWORD = 'canary password of people';
export type Person = 'ada' | 'olga' | 'mick' | 'lena';

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;
// An address may try to sign in ten times, and then once in five seconds: everybody does it once.
const sessions = new Map<string, Cookies>();

async function cookiesOf(browser: Browser, person: Person, baseURL: string): Promise<Cookies> {
  const known = sessions.get(person);
  if (known) return known;
  const context = await browser.newContext({ baseURL });
  const reply = await context.request.post('/api/v1/session', {
    data: { name: person, password: PASSWORD },
    headers: { Origin: baseURL },
  });
  expect(reply.status(), await reply.text()).toBe(200);
  const cookies = await context.cookies();
  await context.close();
  sessions.set(person, cookies);
  return cookies;
}

export interface Look {
  theme?: 'light' | 'dark';
  language?: 'en' | 'zh';
  width?: number;
  /** Calls may fail: what they answer is the test's own doing. */
  mayFail?: boolean;
}

interface Fixtures {
  /** A page of somebody who has signed in, at a path. */
  open: (person: Person, path: string, look?: Look) => Promise<Page>;
}

// Sign-ins that are refused and reads of what is gone are the tests' own doing.
const EXPECTED = /Failed to load resource: the server responded with a status of (40[01349]|429)/;

/** Fails the test when a page throws, or writes an error to the console that is not the answer of a refused call. */
export function watchErrors(page: Page, errors: string[], mayFail = false): void {
  page.on('pageerror', (error) => errors.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    const isExpected = (mayFail ? /Failed to load resource/ : EXPECTED).test(message.text());
    if (message.type() === 'error' && !isExpected) errors.push(`console: ${message.text()}`);
  });
}

export const test = base.extend<Fixtures>({
  page: async ({ page }, use) => {
    const errors: string[] = [];
    watchErrors(page, errors);
    await use(page);
    expect(errors).toEqual([]);
  },
  open: async ({ browser, baseURL }, use) => {
    const contexts: BrowserContext[] = [];
    const errors: string[] = [];
    await use(async (person, path, { theme = 'light', language = 'en', width = 1360, mayFail = false } = {}) => {
      const context = await browser.newContext({
        baseURL,
        colorScheme: theme,
        locale: language === 'zh' ? 'zh-CN' : 'en',
        viewport: { width, height: 820 },
      });
      contexts.push(context);
      await context.addCookies(await cookiesOf(browser, person, baseURL as string));
      const page = await context.newPage();
      watchErrors(page, errors, mayFail);
      await page.goto(path);
      await expect(page.getByRole('main')).toBeVisible();
      return page;
    });
    for (const context of contexts) await context.close();
    expect(errors).toEqual([]);
  },
});

/** Nothing that axe calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

/** Until the page shows what it read: no skeleton is left. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^(Loading|加载中)$/ })).toHaveCount(0);
}

export { expect };
