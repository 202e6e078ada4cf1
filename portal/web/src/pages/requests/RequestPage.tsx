import { Pencil } from 'lucide-react';
import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { http, takeTagged } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useWho } from '@/pages/shared/who';
import { Await } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Link } from '@/ui/Link';
import { Card, Cards, Page } from '@/ui/Page';
import { YamlDialog } from '@/ui/YamlDialog';

import { changesOfBundle } from './bundle';
import { ChangesCard } from './ChangesCard';
import { Course, Outcome } from './Course';
import { DecisionView } from './DecisionView';
import { DeedDialog } from './DeedDialog';
import { type ChangeRequest, type Deed, mayEdit, offersOf } from './request';
import { StateBadge } from './StateBadge';

/** One request: what it changes, whose yes it waits for, and what one may do with it. */
export default function RequestPage({ params }: PageProps) {
  const t = useT();
  const id = params.id ?? '';
  const read = useRead(['requests', id], (signal) =>
    takeTagged(http.GET('/requests/{id}', { params: { path: { id } }, signal })),
  );
  const request = read.data?.value.request;
  const [deed, setDeed] = useState<Deed | null>(null);
  const [isYaml, setYaml] = useState(false);
  return (
    <Page
      title={request?.title || t('requests.numbered', { id })}
      above={
        <>
          <Link to="/requests">{t('requests.title')}</Link> · {id}
        </>
      }
      marks={request && <StateBadge state={request.state} />}
      actions={request && <Deeds request={request} onDeed={setDeed} onYaml={() => setYaml(true)} />}
    >
      <Await read={read}>
        {({ value }) => (
          <>
            {value.request && <Outcome request={value.request} />}
            <Cards>
              {value.request && (
                <Card title={t('requests.course')}>
                  <Course request={value.request} />
                </Card>
              )}
              {value.decision && (
                <Card title={t('requests.decision')}>
                  <DecisionView decision={value.decision} />
                </Card>
              )}
            </Cards>
            {value.request && <ChangesCard request={value.request} />}
            <Command text={commandLine('request', 'show', id)} />
          </>
        )}
      </Await>
      {request && deed && (
        <DeedDialog request={request} etag={read.data?.etag ?? ''} deed={deed} onClose={() => setDeed(null)} />
      )}
      {request && isYaml && (
        <YamlDialog
          title={t('requests.numbered', { id })}
          value={{ changes: changesOfBundle(request.bundle_json)?.map(({ kind, fields }) => ({ kind, ...fields })) }}
          onClose={() => setYaml(false)}
        />
      )}
    </Page>
  );
}

function Deeds({
  request,
  onDeed,
  onYaml,
}: {
  request: ChangeRequest;
  onDeed: (deed: Deed) => void;
  onYaml: () => void;
}) {
  const t = useT();
  const who = useWho();
  const offers = offersOf(request, who);
  return (
    <>
      <Button kind="quiet" onClick={onYaml}>
        {t('common.showYaml')}
      </Button>
      {mayEdit(request, who) && (
        <ButtonLink
          to={pathTo('/requests/:id/edit', { id: request.id })}
          icon={<Pencil size={15} aria-hidden="true" />}
        >
          {t('common.edit')}
        </ButtonLink>
      )}
      {offers.map(({ deed, refusal }, i) => (
        <Button
          key={deed}
          kind={deed === 'break-glass' ? 'danger' : i === offers.length - 1 && !refusal ? 'primary' : 'normal'}
          disabled={refusal !== undefined}
          title={refusal && t(refusal)}
          onClick={() => onDeed(deed)}
        >
          {t(`requests.do.${deed}`)}
        </Button>
      ))}
    </>
  );
}
