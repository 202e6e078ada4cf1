import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { http, ifMatch, once, take, takeTagged } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { navigate, pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { parseExact } from '@/pages/shared/exactJson';
import { Await } from '@/ui/Await';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { toast } from '@/ui/toast';

import { BundleEditor, type Draft } from './BundleEditor';
import { grantBundle, pretty, templateOf } from './bundle';

const URL_STATE = { kind: '', name: '', principal: '', adds: '' };
const SOMEBODY = 'team:TEAM';
const WAIT_MS = 10_000;

/** What a request begins with; of a grant that comes to others, with these: putting it replaces them. */
function useFirst() {
  const [{ kind, name, principal, adds }] = useUrlState(URL_STATE);
  // Read anew on every visit: the editor begins with it.
  const [visit] = useState(() => crypto.randomUUID());
  const isGrant = kind === 'put_grant' && name !== '' && adds !== '';
  return useRead(
    ['grants', 'first', visit, kind, name, principal, adds],
    async (signal) => {
      if (!isGrant) return templateOf(kind || 'create_topic', name);
      if (principal === '') return grantBundle(name, SOMEBODY, adds, []);
      const query = { kind: 'topic', name, principal };
      const { grants } = await take(http.GET('/grants', { params: { query }, signal }));
      return grantBundle(name, principal, adds, grants);
    },
    // What one writes does not change under one's hands.
    { refresh: false },
  );
}

/**
 * A request that begins with what the link says: /requests/new?kind=set_quota&name=payments, or
 * ?kind=put_grant&name=orders&principal=team:pay&adds=peek.
 */
export function NewRequestPage() {
  const t = useT();
  const [{ kind }] = useUrlState(URL_STATE);
  const first = useFirst();
  const act = useAct({
    act: ({ draft, isDraft, key }: { draft: Draft; isDraft: boolean; key: string }) =>
      take(
        http.POST('/requests', {
          params: { header: once(key) },
          body: {
            bundle_json: draft.bundle,
            submit: !isDraft,
            ...(!isDraft && { wait_ms: WAIT_MS }),
            ...(draft.title && { title: draft.title }),
          },
        }),
      ),
    touches: [['requests'], ['topics'], ['teams'], ['grants'], ['quotas']],
    onDone: ({ request }) => {
      if (request) navigate(pathTo('/requests/:id', { id: request.id }));
      else toast.show({ tone: 'info', text: t('requests.wasRefused') });
    },
    toastErrors: false,
  });
  return (
    <Page
      title={t('requests.new')}
      lead={t('requests.newLead')}
      above={<Link to="/requests">{t('requests.title')}</Link>}
    >
      <Await read={first}>
        {(bundle) => (
          <BundleEditor
            first={{ title: '', bundle }}
            hasTemplates={kind === ''}
            error={act.error}
            isBusy={act.isPending}
            onSend={(draft, isDraft, key) => act.mutate({ draft, isDraft, key })}
          />
        )}
      </Await>
    </Page>
  );
}

export default function EditRequestPage({ params }: PageProps) {
  const t = useT();
  const id = params.id ?? '';
  const read = useRead(
    ['requests', id, 'edit'],
    (signal) => takeTagged(http.GET('/requests/{id}', { params: { path: { id } }, signal })),
    // What one edits does not change under one's hands.
    { refresh: false },
  );
  const act = useAct({
    act: async ({ draft, isDraft, etag }: { draft: Draft; isDraft: boolean; etag: string }) => {
      const path = { id };
      const body = { bundle_json: draft.bundle, title: draft.title };
      const edited = await takeTagged(http.PATCH('/requests/{id}', { params: { path, header: ifMatch(etag) }, body }));
      if (isDraft) return edited.value;
      const header = ifMatch(edited.etag);
      return take(http.POST('/requests/{id}:submit', { params: { path, header }, body: { wait_ms: WAIT_MS } }));
    },
    touches: [['requests']],
    onDone: () => navigate(pathTo('/requests/:id', { id })),
    toastErrors: false,
  });
  return (
    <Page
      title={t('requests.editNumbered', { id })}
      lead={t('requests.editLead')}
      above={<Link to={pathTo('/requests/:id', { id })}>{t('requests.numbered', { id })}</Link>}
    >
      <Await read={read}>
        {({ value, etag }) => (
          <BundleEditor
            first={{
              title: value.request?.title ?? '',
              bundle: pretty(parseExact(value.request?.bundle_json) ?? { changes: [] }),
            }}
            error={act.error}
            isBusy={act.isPending}
            onSend={(draft, isDraft) => act.mutate({ draft, isDraft, etag })}
          />
        )}
      </Await>
    </Page>
  );
}
