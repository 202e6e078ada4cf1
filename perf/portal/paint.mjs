// How long until the first row of a table can be seen, in a new tab of a browser that has been here before.
// Environment: LANEMQ_WEB (the folder with node_modules), LANEMQ_PORTAL, LANEMQ_CHROMIUM, LANEMQ_NAME, LANEMQ_PASSWORD,
// LANEMQ_PAGES (a JSON object: what a row is, by page), LANEMQ_TIMES. Prints a JSON object: by page, a list of milliseconds until the
// first row, and until there was anything.
import { createRequire } from 'node:module';

const { env } = process;
const { chromium } = createRequire(`${env.LANEMQ_WEB}/package.json`)('@playwright/test');
const browser = await chromium.launch({ executablePath: env.LANEMQ_CHROMIUM, args: ['--no-sandbox'] });
const context = await browser.newContext({ baseURL: env.LANEMQ_PORTAL, locale: 'en', viewport: { width: 1360, height: 820 } });
const signedIn = await context.request.post('/api/v1/session', {
  data: { name: env.LANEMQ_NAME, password: env.LANEMQ_PASSWORD },
  headers: { Origin: env.LANEMQ_PORTAL },
});
if (!signedIn.ok()) throw new Error(`sign in: ${signedIn.status()} ${await signedIn.text()}`);

async function paint(path, row) {
  const page = await context.newPage();
  try {
    const began = performance.now();
    await page.goto(path, { waitUntil: 'commit' });
    await page.locator(row).first().waitFor({ state: 'visible', timeout: 30_000 });
    const seen = performance.now() - began;
    const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
    return { row: seen, first };
  } finally {
    await page.close();
  }
}

const times = {};
for (const [path, row] of Object.entries(JSON.parse(env.LANEMQ_PAGES))) {
  await paint(path, row); // Not counted: the browser has the files afterwards.
  times[path] = [];
  for (let i = 0; i < Number(env.LANEMQ_TIMES); i++) times[path].push(await paint(path, row));
}
await browser.close();
process.stdout.write(JSON.stringify(times));
