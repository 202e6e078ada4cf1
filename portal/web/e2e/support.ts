/** What the tests in a browser share. The cluster and what is in it: run.py, seed.py. */
import AxeBuilder from '@axe-core/playwright';
import {
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  expect,
  type Page,
  test as base,
} from '@playwright/test';

export const PASSWORD = 'a sentence of the tests';
/** Of those whose password somebody else chose. */
export const GIVEN_PASSWORD = 'canary password of people';
/** As seed.py has them: admin, operator, member and lead of team shop, member of team other, of none. */
export type Person = 'ada' | 'olga' | 'mick' | 'lena' | 'otto' | 'vera';
/** In names that a test makes: another run may have been here before. */
export const RUN = Date.now().toString(36);
/** For calls of the API as the first administrator. */
export const ADMIN = { Authorization: `Bearer ${process.env.LANEMQ_ADMIN_TOKEN}` };

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;
// An address may try to sign in ten times, and then once in five seconds: everybody does it once.
const sessions = new Map<string, Cookies>();

async function cookiesOf(browser: Browser, person: Person, baseURL: string): Promise<Cookies> {
  const known = sessions.get(person);
  if (known) return known;
  const context = await browser.newContext({ baseURL });
  // Many sign in here, and an address may do so only so often.
  await expect(async () => {
    const reply = await context.request.post('/api/v1/session', {
      data: { name: person, password: PASSWORD },
      headers: { Origin: baseURL },
    });
    expect(reply.status(), await reply.text()).toBe(200);
  }).toPass({ timeout: 60_000, intervals: [5_000] });
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
    if (message.type() !== 'error' || isExpected) return;
    errors.push(`console: ${message.text()} ${message.location().url}`);
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

/** A call of the API that has to work, as the first administrator. */
export async function asAdmin(
  request: APIRequestContext,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  data?: object,
): Promise<Record<string, unknown>> {
  const reply = await request.fetch(`/api/v1${path}`, { method, headers: ADMIN, ...(data && { data }) });
  expect(reply.ok(), `${method} ${path}: ${reply.status()} ${await reply.text()}`).toBe(true);
  return (await reply.json().catch(() => ({}))) as Record<string, unknown>;
}

/** Until a right that was just given counts at the metaserver; brokers follow within a second. */
export async function allowed(
  request: APIRequestContext,
  person: Person,
  kind: 'topic' | 'group',
  name: string,
  action: string,
): Promise<void> {
  const query = new URLSearchParams({ principal: `person:${person}`, kind, name, action });
  const ask = async () => (await asAdmin(request, 'GET', `/access:explain?${query}`)).is_allowed;
  await expect.poll(ask).toBe(true);
}

/** Nothing that axe calls serious or critical. The test goes on after it: one run tells all of them. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect.soft(told, page.url()).toEqual([]);
}

/** Until the page shows what it read: no skeleton is left. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^(Loading|加载中)$/ })).toHaveCount(0);
}

export { expect, type Page };
