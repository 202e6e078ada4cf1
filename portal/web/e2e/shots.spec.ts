import { expect, type Look, settled, test } from './support';

// Every page of the portal, a line for each; deeds stand in the other files.
const PAGES: [name: string, path: string][] = [
  ['home', '/'],
  ['topics', '/topics?limit=25'],
  ['deleted-topics', '/topics?deleted=true'],
  ['dead-letters', '/dead-letters'],
];
const LOOKS: Look[] = [
  { theme: 'light', language: 'en', width: 1360 },
  { theme: 'dark', language: 'en', width: 1360 },
  { theme: 'light', language: 'zh', width: 1360 },
  { theme: 'dark', language: 'zh', width: 420 },
];

test.skip(!process.env.LANEMQ_SHOTS, 'pictures are for people: LANEMQ_SHOTS=1');

for (const [name, path] of PAGES) {
  test(`pictures of ${name}`, async ({ open }) => {
    for (const look of LOOKS) {
      const page = await open('ada', path, look);
      await settled(page);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const file = `screenshots/${name}-${look.language}-${look.theme}-${look.width}.png`;
      await page.screenshot({ path: file, fullPage: true });
    }
  });
}
