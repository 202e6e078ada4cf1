import { Stethoscope } from 'lucide-react';
import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { COMMAS } from '@/pages/shared/query';
import { useNeeds } from '@/pages/shared/who';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Link } from '@/ui/Link';
import { Card, Cards, Page } from '@/ui/Page';

import { EvacuateDialog } from './EvacuateDialog';
import { MovesAway } from './MovesAway';
import { NodeBadge } from './NodesPage';
import { NodeFacts, ProbeFacts, Worries } from './NodeFacts';
import { LoginDialog, StateDialog } from './nodeDialogs';

const PROBE_MS = 30_000;

/** One data node: a probe of it with what is wrong, what is on it, and taking it out of use. */
export default function NodePage({ params }: PageProps) {
  const t = useT();
  const needs = useNeeds();
  const name = params.name ?? '';
  const [open, setOpen] = useState<'state' | 'login' | 'evacuate' | null>(null);
  const read = useRead(
    ['nodes', 'one', name],
    (signal) =>
      take(
        http.GET('/nodes', {
          params: { query: { include_health: true, names: [name] } },
          querySerializer: COMMAS,
          signal,
        }),
      ),
    { refresh: PROBE_MS },
  );
  const node = read.data?.nodes[0];
  const onClose = () => setOpen(null);
  return (
    <Page
      title={name}
      above={<Link to="/admin/nodes">{t('admin.nodes')}</Link>}
      marks={node && <NodeBadge state={node.state} />}
      actions={
        node && (
          <>
            <Button
              isBusy={read.isFetching}
              icon={<Stethoscope size={15} aria-hidden="true" />}
              onClick={() => void read.refetch()}
            >
              {t('admin.probe')}
            </Button>
            <Button {...needs('operator')} onClick={() => setOpen('login')}>
              {t('admin.changeLogin')}
            </Button>
            <Button {...needs('operator')} onClick={() => setOpen('state')}>
              {t('admin.changeState')}
            </Button>
            <Button kind="danger" {...needs('operator')} onClick={() => setOpen('evacuate')}>
              {t('admin.evacuate')}
            </Button>
          </>
        )
      }
    >
      <Await read={read}>
        {({ nodes: [shown] }) =>
          shown && (
            <>
              <Worries node={shown} />
              <Cards>
                <Card title={t('admin.whatItIs')}>
                  <NodeFacts node={shown} />
                </Card>
                <Card title={t('admin.probeFound')}>
                  <ProbeFacts node={shown} />
                </Card>
              </Cards>
              <MovesAway name={name} />
              <p>
                <Link to={`/admin/placement?${new URLSearchParams({ node: name }).toString()}`}>
                  {t('placement.onNode')}
                </Link>
              </p>
              <Command text={commandLine('node', 'probe', name)} />
            </>
          )
        }
      </Await>
      {node && open === 'state' && <StateDialog node={node} onClose={onClose} />}
      {node && open === 'login' && <LoginDialog node={node} onClose={onClose} />}
      {node && open === 'evacuate' && <EvacuateDialog name={name} onClose={onClose} />}
    </Page>
  );
}
