import { Pencil } from 'lucide-react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { AdminTabs } from '@/pages/admin/AdminTabs';
import { textOf, unitOf } from '@/pages/shared/jsonDiff';
import { useWho } from '@/pages/shared/who';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Card, Cards, Facts, Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Bytes, Span } from '@/ui/values';

import {
  type Approval,
  approvalsOf,
  type Group,
  GROUPS,
  otherRules,
  type Policy,
  policyOf,
  type Rule,
  rulesIn,
} from './policy';

/** What this environment allows, and whose yes it asks for. */
export default function PolicyPage() {
  const t = useT();
  const { mayAdminister } = useWho();
  const read = useRead(['policy'], (signal) => take(http.GET('/policy', { signal })));
  return (
    <Page
      title={t('policy.title')}
      lead={t('policy.lead')}
      marks={read.data && <Badge tone="quiet">{t('policy.version', { n: read.data.version })}</Badge>}
      actions={
        mayAdminister && (
          <ButtonLink kind="primary" to="/admin/policy/edit" icon={<Pencil size={15} aria-hidden="true" />}>
            {t('common.edit')}
          </ButtonLink>
        )
      }
    >
      <AdminTabs />
      <Await read={read}>
        {({ policy_json, version }) => {
          const policy = policyOf(policy_json);
          return (
            <>
              {version === '0' && <p role="status">{t('policy.nobodySet')}</p>}
              {policy && <Rules policy={policy} />}
              <Command text={commandLine('policy', 'show')} />
            </>
          );
        }}
      </Await>
    </Page>
  );
}

function Rules({ policy }: { policy: Policy }) {
  const t = useT();
  const others = otherRules(policy);
  return (
    <>
      <Card title={t('policy.approvals')} isFlush>
        <Table
          id="approvals"
          caption={t('policy.approvals')}
          columns={approvalColumns(t)}
          rows={approvalsOf(policy)}
          rowKey={(one) => one.kind}
        />
      </Card>
      <Cards>
        {(Object.keys(GROUPS) as Group[]).map((group) => (
          <RuleCard key={group} title={t(`policy.${group}`)} rules={rulesIn(policy, group)} />
        ))}
        {others.length > 0 && <RuleCard title={t('policy.others')} rules={others} />}
      </Cards>
    </>
  );
}

function RuleCard({ title, rules }: { title: string; rules: Rule[] }) {
  return (
    <Card title={title}>
      <Facts of={rules.map((rule) => [rule.path, <RuleValue key={rule.path} rule={rule} />])} />
    </Card>
  );
}

function RuleValue({ rule }: { rule: Rule }) {
  const t = useT();
  const { path, value } = rule;
  if (value === null) return <>{t('policy.noLimit')}</>;
  if (typeof value === 'boolean') return <>{t(value ? 'common.yes' : 'common.no')}</>;
  if (Array.isArray(value) && value.length === 0) return <>{t('policy.any')}</>;
  const text = textOf(value);
  if (path.startsWith('retention_ms') && /^\d+$/.test(text)) return <Span ms={text} />;
  if (path === 'message_bytes_max' && unitOf(path, value) === 'bytes') return <Bytes value={text} />;
  return <>{text === '' ? t('common.none') : text}</>;
}

function approvalColumns(t: T): Column<Approval>[] {
  return [
    { id: 'kind', header: t('policy.change'), cell: (one) => <code>{one.kind}</code> },
    {
      id: 'auto',
      header: t('policy.atOnce'),
      cell: (one) =>
        one.isAutomatic ? (
          <Badge tone="good">{t('policy.atOnce')}</Badge>
        ) : (
          <Badge tone="warn">{t('policy.asks')}</Badge>
        ),
    },
    {
      id: 'conditions',
      header: t('policy.conditions'),
      isWide: true,
      cell: (one) => (one.isAutomatic ? one.conditions.join(' · ') || t('policy.always') : '–'),
    },
    { id: 'approvers', header: t('policy.approvers'), cell: (one) => one.approvers.join(', ') },
  ];
}
