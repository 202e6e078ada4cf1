/** Every page of src/app/routes.tsx with something in it to look at, and what no page may have. */
import { type APIRequestContext, expect, type Page } from '@playwright/test';

import type { Schemas } from '../src/api/client';
import { routes } from '../src/app/routes';
import { en } from '../src/i18n/en/index';
import { zh } from '../src/i18n/zh/index';

import { consumer, lanemq } from './commandLine';
import { asAdmin, RUN } from './support';

/** Names that the pages with parameters are opened with. */
export interface World {
  request: string;
  draft: string;
  incident: string;
  /** A group with dead letters. */
  failing: string;
}

const TOPIC = '/topics/shop.orders';
const GROUP = '/groups/shop.billing';

/** Of each route with parameters; it cannot be left out: see pagesOf(). */
const PLACES: Record<string, (world: World) => string> = {
  '/topics/:name': () => TOPIC,
  '/topics/:name/messages': () => `${TOPIC}/messages`,
  '/topics/:name/messages/:partition/:offset': () => `${TOPIC}/messages/0/3`,
  '/topics/:name/partitions': () => `${TOPIC}/partitions`,
  '/topics/:name/subscriptions': () => `${TOPIC}/subscriptions`,
  '/topics/:name/delayed': () => `${TOPIC}/delayed`,
  '/topics/:name/settings': () => `${TOPIC}/settings`,
  '/topics/:name/history': () => `${TOPIC}/history`,
  '/groups/:group': () => GROUP,
  '/groups/:group/partitions': () => `${GROUP}/partitions`,
  '/groups/:group/members': () => `${GROUP}/members`,
  '/groups/:group/offsets': () => `${GROUP}/offsets`,
  '/groups/:group/retry': () => `${GROUP}/retry`,
  '/groups/:group/dead-letters': ({ failing }) => `/groups/${failing}/dead-letters`,
  '/groups/:group/alerts': ({ failing }) => `/groups/${failing}/alerts`,
  '/groups/:group/history': () => `${GROUP}/history`,
  '/alerts/incidents/:incident': ({ incident }) => `/alerts/incidents/${encodeURIComponent(incident)}`,
  '/requests/:id': ({ request }) => `/requests/${request}`,
  '/requests/:id/edit': ({ draft }) => `/requests/${draft}/edit`,
  '/teams/:name': () => '/teams/shop',
  '/admin/nodes/:name': () => '/admin/nodes/local',
};

/** What some pages are besides, by what stands behind the "?". */
const VIEWS: [name: string, path: string][] = [
  ['topics-deleted', '/topics?deleted=true'],
  ['new-topic-ready', '/new-topic?topic=shop.orders'],
  ['topics-name-messages-search', `${TOPIC}/messages?view=search&body=order`],
  ['topics-name-messages-tail', `${TOPIC}/messages?view=tail`],
  ['topics-name-messages-dialog', `${TOPIC}/messages?m=0%2F3`],
];

export interface Shown {
  /** Of its picture: "topics-name-partitions". */
  name: string;
  pathIn: (world: World) => string;
}

export function pagesOf(): Shown[] {
  const pages = routes.map(({ path }): Shown => {
    const name = path.replace(/[/:]+/g, '-').replace(/^-|-$/g, '') || 'home';
    const place = path.includes(':') ? PLACES[path] : () => path;
    if (!place) throw new Error(`e2e/everyPage.ts does not say with which names to open ${path}`);
    return { name, pathIn: place };
  });
  const known = new Set(routes.map(({ path }) => path));
  const gone = Object.keys(PLACES).filter((path) => !known.has(path));
  if (gone.length > 0) throw new Error(`e2e/everyPage.ts has pages that are no more: ${gone.join(', ')}`);
  return [...pages, ...VIEWS.map(([name, path]): Shown => ({ name, pathIn: () => path }))];
}

async function requestOf(api: APIRequestContext, title: string, submit: boolean): Promise<string> {
  const told = await asAdmin(api, 'GET', `/requests?states=${submit ? 'pending' : 'draft'}&limit=1000`);
  const known = (told.requests as Schemas['ChangeRequest'][]).find((one) => one.title === title);
  if (known) return known.id;
  const changes = [{ kind: 'create_topic', name: `shop.planned${RUN}`, owner: 'shop', partitions: 8 }];
  const made = await asAdmin(api, 'POST', '/requests', { bundle_json: JSON.stringify({ changes }), title, submit });
  return (made.request as Schemas['ChangeRequest']).id;
}

interface Told {
  alerts: Schemas['Alert'][];
  groups: Schemas['GroupDeadLetters'][];
}

/** What other tests have left, or what a handler that gives up makes. */
async function failures(api: APIRequestContext): Promise<{ incident: string; failing: string }> {
  const look = async (): Promise<Told> => {
    const filter = encodeURIComponent('kind:dead_letters_growing');
    const { alerts } = await asAdmin(api, 'GET', `/alerts?resolved_days=30&limit=1&filter=${filter}`);
    const { groups } = await asAdmin(api, 'GET', '/dead-letters?limit=1');
    return { alerts, groups } as unknown as Told;
  };
  const isWhole = ({ alerts, groups }: Told) => alerts.length > 0 && groups.length > 0;
  let told = await look();
  if (!isWhole(told)) {
    const [topic, group] = [`shop.refunds${RUN}`, `shop.refunder${RUN}`];
    lanemq(['topic', 'create', topic, '--partitions=1']);
    lanemq(['produce', topic], '{"refund":1}\n{"refund":2}\n');
    const running = consumer(topic, group, 'echo "the bank says no" >&2; exit 65');
    try {
      await expect(async () => {
        told = await look();
        expect(isWhole(told), JSON.stringify(told)).toBe(true);
      }).toPass({ timeout: 150_000 });
    } finally {
      running.kill('SIGINT');
    }
  }
  return { incident: told.alerts[0]?.incident ?? '', failing: told.groups[0]?.group ?? '' };
}

/** May be asked for again, after a test that failed: what is there is taken. */
export async function makeWorld(api: APIRequestContext): Promise<World> {
  const delayed = await asAdmin(api, 'GET', '/topics/shop.orders/delayed?limit=1');
  if ((delayed.messages as unknown[]).length === 0) {
    lanemq(['produce', 'shop.orders', '-k', 'remind-7', '--delay', '12h'], '{"remind":"order 7 is not paid"}\n');
  }
  return {
    request: await requestOf(api, 'More room for the autumn sale', true),
    draft: await requestOf(api, 'Not sure yet', false),
    ...(await failures(api)),
  };
}

/** What people can read, without what they wrote themselves. */
const textsOf = (page: Page) =>
  page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement?.closest('script, code, pre, textarea')) texts.push(node.nodeValue?.trim() ?? '');
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(name)?.trim() ?? '');
    }
    return texts.filter((text) => text !== '');
  });

const flat = (dictionary: object) =>
  Object.entries(dictionary).flatMap(([area, texts]) =>
    Object.entries(texts as Record<string, string>).map(([key, text]): [string, string] => [`${area}.${key}`, text]),
  );
const KEY = new RegExp(`(?<![\\w./-])(${Object.keys(en).join('|')})\\.[a-z]\\w*(?![\\w./-])`);
/** Sentences that Chinese pages say in Chinese; single words may be names. */
const chinese = new Map(flat(zh));
const spoken = new Set(chinese.values());
const ENGLISH = new Set(
  flat(en)
    .filter(([key, text]) => text.includes(' ') && !text.includes('{') && chinese.get(key) !== text)
    .map(([, text]) => text)
    // What the policy of the server says is allowed, in its own words.
    .filter((text) => !spoken.has(text) && text !== 'a team'),
);

/** Keys in the place of texts, values that are not filled in, English among Chinese. */
export async function untranslated(page: Page, language: 'en' | 'zh'): Promise<string[]> {
  const texts = await textsOf(page);
  return texts.filter(
    (text) => KEY.test(text) || /\{\w+(:[^}]*)?\}/.test(text) || (language === 'zh' && ENGLISH.has(text)),
  );
}

/** What makes the page wider than the window, when it is: the innermost of it. */
export const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const sticksOut = (element: Element) => element.getBoundingClientRect().right > clientWidth + 0.5;
    const isCut = (element: Element | null): boolean =>
      element !== null &&
      element !== document.body &&
      (getComputedStyle(element).overflowX !== 'visible' || isCut(element.parentElement));
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => sticksOut(element) && !isCut(element.parentElement),
    );
    const inner = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    return [
      `${scrollWidth} wide instead of ${clientWidth}`,
      ...inner.slice(0, 3).map((element) => element.outerHTML.slice(0, 160)),
    ];
  });
