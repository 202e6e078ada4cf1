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
import { pretty, templateOf } from './bundle';

const URL_STATE = { kind: '', name: '' };
const WAIT_MS = 10_000;

/** A request that begins with what the link says: /requests/new?kind=set_quota&name=payments. */
export function NewRequestPage() {
  const t = useT();
  const [{ kind, name }] = useUrlState(URL_STATE);
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
      <BundleEditor
        first={{ title: '', bundle: templateOf(kind || 'create_topic', name) }}
        hasTemplates={kind === ''}
        error={act.error}
        isBusy={act.isPending}
        onSend={(draft, isDraft, key) => act.mutate({ draft, isDraft, key })}
      />
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
