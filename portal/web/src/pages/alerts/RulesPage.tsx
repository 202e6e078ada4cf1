import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { parseSpan, spanText } from '@/pages/groups/span';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { ErrorBox } from '@/ui/ErrorBox';
import { CheckField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { type Column, Table } from '@/ui/Table';
import { Span } from '@/ui/values';

import { AlertsFrame } from './AlertsFrame';

type Rule = Schemas['AlertRule'];

const columnsOf = (t: T, onEdit: (rule: Rule) => void): Column<Rule>[] => [
  {
    id: 'kind',
    header: t('alerts.kind'),
    sort: 'kind',
    cell: ({ kind }) => <code>{kind}</code>,
    text: ({ kind }) => kind,
  },
  {
    id: 'state',
    header: t('alerts.state'),
    sort: 'is_on',
    cell: ({ is_on: isOn }) => <Badge tone={isOn ? 'good' : 'quiet'}>{t(isOn ? 'alerts.on' : 'alerts.off')}</Badge>,
    text: ({ is_on }) => String(is_on),
  },
  {
    id: 'meaning',
    header: t('alerts.meaning'),
    isWide: true,
    cell: ({ meaning }) => meaning,
    text: ({ meaning }) => meaning ?? '',
  },
  {
    id: 'threshold',
    header: t('alerts.threshold'),
    align: 'end',
    cell: ({ threshold }) => threshold ?? '–',
    text: ({ threshold }) => String(threshold ?? ''),
  },
  {
    id: 'for',
    header: t('alerts.forAtLeast'),
    align: 'end',
    cell: ({ for_ms }) => <Span ms={for_ms} />,
    text: ({ for_ms }) => for_ms ?? '',
  },
  {
    id: 'severity',
    header: t('alerts.severity'),
    sort: 'severity',
    cell: ({ severity }) => t(severity === 'page' ? 'alerts.page' : 'alerts.ticket'),
    text: ({ severity }) => severity ?? '',
  },
  { id: 'owner', header: t('alerts.owner'), cell: ({ owner }) => owner || '–', text: ({ owner }) => owner ?? '' },
  {
    id: 'edit',
    header: t('common.edit'),
    cell: (rule) => (
      <Button isSmall onClick={() => onEdit(rule)}>
        {t('common.edit')}
      </Button>
    ),
  },
];

function useRuleActs(kind: string, onClose: () => void) {
  const t = useT();
  const params = { path: { kind } };
  const common = { touches: [['alert-rules'], ['alerts']], onDone: onClose, toastErrors: false };
  const save = useAct({
    act: (body: Rule) => take(http.PUT('/alert-rules/{kind}', { params, body })),
    done: () => t('alerts.ruleSaved', { kind }),
    ...common,
  });
  const reset = useAct({
    act: () => take(http.DELETE('/alert-rules/{kind}', { params })),
    done: () => t('alerts.ruleReset', { kind }),
    ...common,
  });
  return { save, reset };
}

function RuleDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const t = useT();
  const { save, reset } = useRuleActs(rule.kind, onClose);
  const [isOn, setOn] = useState(rule.is_on !== false);
  const [threshold, setThreshold] = useState(String(rule.threshold ?? ''));
  const [span, setSpan] = useState(spanText(rule.for_ms));
  const [severity, setSeverity] = useState(rule.severity ?? 'ticket');
  const [owner, setOwner] = useState(rule.owner ?? '');
  const ms = span.trim() === '' ? 0 : parseSpan(span);
  const isRight = ms !== null && (threshold === '' || Number.isFinite(Number(threshold)));
  const send = () => {
    if (!isRight) return;
    const wanted = { is_on: isOn, for_ms: String(ms), severity, ...(owner && { owner }) };
    save.mutate({ kind: rule.kind, ...wanted, ...(threshold !== '' && { threshold: Number(threshold) }) });
  };
  return (
    <Dialog title={rule.kind} onClose={onClose}>
      <p>{rule.meaning}</p>
      <Form
        onSend={send}
        error={save.error ?? reset.error}
        buttons={
          <>
            <Button isBusy={reset.isPending} onClick={() => reset.mutate(undefined)}>
              {t('alerts.ruleBuiltIn')}
            </Button>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isRight} isBusy={save.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        <CheckField label={t('alerts.ruleOn')} isOn={isOn} onChange={setOn} />
        <TextField label={t('alerts.threshold')} inputMode="decimal" value={threshold} onValue={setThreshold} />
        <TextField label={t('alerts.forAtLeast')} hint={t('alerts.lagHint')} value={span} onValue={setSpan} />
        <SelectField
          label={t('alerts.severity')}
          options={[
            ['page', t('alerts.page')],
            ['ticket', t('alerts.ticket')],
          ]}
          value={severity}
          onValue={setSeverity}
        />
        <TextField label={t('alerts.owner')} hint={t('alerts.ownerHint')} isOptional value={owner} onValue={setOwner} />
      </Form>
    </Dialog>
  );
}

export default function RulesPage() {
  const t = useT();
  const [edited, setEdited] = useState<Rule | null>(null);
  const list = useList({
    key: ['alert-rules'],
    read: (query, signal) => take(http.GET('/alert-rules', { params: { query }, signal })),
    rows: (answer) => answer.rules,
    sort: 'kind',
    search: 'kind',
  });
  const { read } = list;
  return (
    <AlertsFrame>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="rules"
          caption={t('alerts.tabRules')}
          columns={columnsOf(t, setEdited)}
          rows={list.rows}
          rowKey={({ kind }) => kind}
          list={list}
          command={commandLine('alert', 'rules')}
        />
      )}
      {edited && <RuleDialog rule={edited} onClose={() => setEdited(null)} />}
    </AlertsFrame>
  );
}
