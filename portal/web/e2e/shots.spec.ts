/**
 * Every page, in every look: none has an error, is wider than its window or says what nobody translated. Pictures are for
 * people, who say which: LANEMQ_SHOTS=1 takes each page large and light, and small, dark and Chinese; LANEMQ_SHOTS=all in
 * all eight looks; LANEMQ_SHOTS=light.narrow.zh,dark.wide.en in these.
 */
import { makeWorld, pagesOf, tooWide, untranslated, type World } from './everyPage';
import { expect, expectAccessible, type Look, settled, test } from './support';

const WIDTHS = { wide: 1440, narrow: 390 };
const SMALL = 'dark.narrow.zh';
const ALL = ['light', 'dark'].flatMap((theme) =>
  ['wide', 'narrow'].flatMap((width) => ['en', 'zh'].map((language) => `${theme}.${width}.${language}`)),
);

const wanted = process.env.LANEMQ_SHOTS ?? '';
const LOOKS: Record<string, string[]> = { '': [SMALL], 1: ['light.wide.en', SMALL], all: ALL };
const looks = LOOKS[wanted] ?? wanted.split(',');
const unknown = looks.filter((look) => !ALL.includes(look));
if (unknown.length > 0) throw new Error(`LANEMQ_SHOTS: ${unknown.join(', ')} is none of ${ALL.join(', ')}`);

function lookOf(look: string): Required<Pick<Look, 'theme' | 'language' | 'width'>> {
  const [theme, width, language] = look.split('.') as ['light' | 'dark', 'wide' | 'narrow', 'en' | 'zh'];
  return { theme, language, width: WIDTHS[width] };
}

let world: World;

test.beforeAll(async ({ request }) => {
  test.setTimeout(300_000);
  world = await makeWorld(request);
});

for (const { name, pathIn } of pagesOf()) {
  test(`${name} is whole in every look`, async ({ open }) => {
    for (const look of looks) {
      await test.step(look, async () => {
        const { language, ...rest } = lookOf(look);
        const page = await open('ada', pathIn(world), { language, ...rest });
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await settled(page);
        if (wanted !== '') {
          await page.screenshot({ path: `screenshots/${name}.${look}.png`, fullPage: true, animations: 'disabled' });
        }
        // The picture is there already, and one run tells of all pages and faults.
        expect.soft(await page.getByRole('alert').allInnerTexts(), `${name}: errors`).toEqual([]);
        expect.soft(await tooWide(page), `${name}: wider than the window`).toEqual([]);
        expect.soft(await untranslated(page, language), `${name}: not translated`).toEqual([]);
        await expectAccessible(page);
      });
    }
  });
}
