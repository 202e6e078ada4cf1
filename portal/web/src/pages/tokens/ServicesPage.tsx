import { Ban, Bot, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { AccessTabs } from '@/pages/grants/AccessTabs';
import { FilterText } from '@/pages/shared/filters';
import { useNeeds, useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Menu } from '@/ui/Menu';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';

import { DeleteService, DisableService, type Service, ServiceDialog, usePutService } from './serviceDialogs';

const URL_STATE = { team: '', cursor: '', at: 0 };

type Open = { what: 'new' } | { what: 'edit' | 'disable' | 'delete'; service: Service };

function columnsOf(t: T, onOpen: (open: Open) => void): Column<Service>[] {
  return [
    {
      id: 'name',
      header: t('tokens.service'),
      sort: 'name',
      cell: (one) => <Link to={`/tokens?service=${encodeURIComponent(one.name)}`}>{one.name}</Link>,
      text: (one) => one.name,
    },
    {
      id: 'team',
      header: t('tokens.team'),
      cell: (one) => one.team && <Link to={pathTo('/teams/:name', { name: one.team })}>{one.team}</Link>,
      text: (one) => one.team ?? '',
    },
    {
      id: 'kind',
      header: t('tokens.kind'),
      cell: (one) => one.kind ?? 'application',
      text: (one) => one.kind ?? 'application',
    },
    {
      id: 'state',
      header: t('people.state'),
      cell: (one) => one.disabled && <Badge tone="bad">{t('tokens.disabled')}</Badge>,
      text: (one) => (one.disabled ? 'disabled' : ''),
    },
    {
      id: 'description',
      header: t('teams.description'),
      isWide: true,
      cell: (one) => one.description,
      text: (one) => one.description ?? '',
    },
    { id: 'do', header: t('people.do'), align: 'end', cell: (one) => <ServiceMenu service={one} onOpen={onOpen} /> },
  ];
}

function ServiceMenu({ service, onOpen }: { service: Service; onOpen: (open: Open) => void }) {
  const t = useT();
  const isDisabled = !useWho().mayAdminister;
  const enable = usePutService();
  return (
    <Menu
      label={t('people.doWith', { name: service.name })}
      button={<Ellipsis size={17} aria-hidden="true" />}
      sections={[
        {
          title: isDisabled ? t('shared.needsAdmin') : undefined,
          items: [
            {
              label: t('common.edit'),
              icon: <Pencil size={15} />,
              isDisabled,
              act: () => onOpen({ what: 'edit', service }),
            },
            service.disabled
              ? {
                  label: t('people.enable'),
                  icon: <Ban size={15} />,
                  isDisabled,
                  act: () => enable.mutate({ service: { ...service, disabled: false }, reason: '' }),
                }
              : {
                  label: t('people.disable'),
                  icon: <Ban size={15} />,
                  isDisabled,
                  act: () => onOpen({ what: 'disable', service }),
                },
            {
              label: t('common.delete'),
              icon: <Trash2 size={15} />,
              isDisabled,
              act: () => onOpen({ what: 'delete', service }),
            },
          ],
        },
      ]}
    />
  );
}

/** Programs that may have tokens. */
export default function ServicesPage() {
  const t = useT();
  const needs = useNeeds();
  const [{ team }, change] = useUrlState(URL_STATE);
  const [open, setOpen] = useState<Open | null>(null);
  const list = useList({
    key: ['services', team],
    read: (query, signal) =>
      take(http.GET('/services', { params: { query: { ...query, ...(team && { team }) } }, signal })),
    rows: (answer) => answer.services,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  const create = (
    <Button kind="primary" {...needs('admin')} onClick={() => setOpen({ what: 'new' })}>
      {t('tokens.newService')}
    </Button>
  );
  const onClose = () => setOpen(null);
  return (
    <Page title={t('tokens.services')} lead={t('tokens.servicesLead')} actions={create}>
      <AccessTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="services"
          caption={t('tokens.services')}
          columns={columnsOf(t, setOpen)}
          rows={list.rows}
          rowKey={(one) => one.name}
          list={list}
          command={team ? commandLine('service', 'list', '--team', team) : commandLine('service', 'list')}
          filters={
            <FilterText
              label={t('tokens.team')}
              value={team}
              onValue={(chosen) => change({ team: chosen, cursor: '', at: 0 }, { replace: true })}
            />
          }
          empty={
            <Empty icon={<Bot size={28} />} title={t('tokens.noServices')} text={t('tokens.noServicesWhy')}>
              {create}
            </Empty>
          }
        />
      )}
      {open?.what === 'new' && <ServiceDialog team={team} onClose={onClose} />}
      {open?.what === 'edit' && <ServiceDialog service={open.service} onClose={onClose} />}
      {open?.what === 'disable' && <DisableService service={open.service} onClose={onClose} />}
      {open?.what === 'delete' && <DeleteService service={open.service} onClose={onClose} />}
    </Page>
  );
}
