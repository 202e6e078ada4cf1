import { expect, test } from './support';

test('pages come compressed, with ETags and a strict policy, and no file of another version', async ({ request }) => {
  const index = await request.get('/topics/a.b/messages', { headers: { 'Accept-Encoding': 'br' } });
  expect(index.status()).toBe(200);
  const headers = index.headers();
  expect(headers['content-encoding']).toBe('br');
  expect(headers['cache-control']).toBe('no-cache');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).not.toContain('unsafe');
  const again = await request.get('/', { headers: { 'Accept-Encoding': 'br', 'If-None-Match': headers.etag ?? '' } });
  expect(again.status()).toBe(304);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await index.text())?.[1] ?? '';
  expect((await request.get(script)).headers()['cache-control']).toContain('immutable');
  expect((await request.get('/assets/gone-0000.js')).status()).toBe(404);
  expect((await request.get('/api/v1/nothing')).headers()['content-type']).toBe('application/problem+json');
  expect((await request.post('/topics', { data: {} })).status()).toBe(405);
});

test('nothing is asked of another host, and nothing breaks the policy', async ({ open, baseURL }) => {
  const page = await open('ada', '/');
  const elsewhere: string[] = [];
  page.on('request', (asked) => {
    if (!asked.url().startsWith(baseURL as string) && !asked.url().startsWith('blob:')) elsewhere.push(asked.url());
  });
  for (const path of ['/', '/topics']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(elsewhere).toEqual([]);
});
