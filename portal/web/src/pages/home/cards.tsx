import { Activity, BellOff } from 'lucide-react';

import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { toBig } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { useSettings } from '@/lib/settings';
import { Await } from '@/ui/Await';
import { Badge, type Tone } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { Span, Time } from '@/ui/values';

import css from './cards.module.css';
import { Rows, SHOWN_MAX } from './Rows';

/** What fires or is about to. */
export function AlertsCard() {
  const t = useT();
  const read = useRead(['alerts', 'home'], (signal) =>
    take(http.GET('/alerts', { params: { query: { limit: SHOWN_MAX } }, signal })),
  );
  const mark = (alert: Schemas['Alert']): [Tone, string] => {
    if (alert.is_silenced) return ['quiet', t('home.silenced')];
    if (alert.state !== 'firing') return ['warn', t('home.pending')];
    return [alert.severity === 'page' ? 'bad' : 'warn', t('home.firing')];
  };
  return (
    <Card title={t('home.alerts')} actions={<Link to="/alerts">{t('common.all')}</Link>} isFlush>
      <Await read={read}>
        {({ alerts }) =>
          alerts.length === 0 ? (
            <Empty isSmall icon={<BellOff size={26} />} title={t('home.alertsNone')} text={t('home.alertsNoneText')} />
          ) : (
            <Rows label={t('home.alerts')}>
              {alerts.map((alert) => {
                const [tone, word] = mark(alert);
                return (
                  <li key={alert.incident}>
                    <Badge tone={tone}>{word}</Badge>
                    <Link className={css.text} to={pathTo('/alerts/incidents/:incident', { incident: alert.incident })}>
                      {alert.summary}
                    </Link>
                    <Time us={alert.since_us} />
                  </li>
                );
              })}
            </Rows>
          )
        }
      </Await>
    </Card>
  );
}

const LATE_MS = 10_000;

/** Whether messages go all the way through, a line for each data node. */
export function CanaryCard() {
  const t = useT();
  const read = useRead(['canaries'], (signal) => take(http.GET('/canaries', { params: { query: {} }, signal })));
  const mark = ({ report, silent_ms }: Schemas['CanaryListing']): [Tone, string] => {
    if (Number(toBig(silent_ms) ?? 0n) > LATE_MS) return ['warn', t('home.canarySilent')];
    const age = toBig(report.last_ok_age_ms);
    if (age === null || Number(age) > LATE_MS) return ['bad', t('home.canaryLost')];
    return ['good', t('home.canaryOk')];
  };
  return (
    <Card title={t('home.canaries')} isFlush>
      <Await read={read}>
        {({ canaries }) =>
          canaries.length === 0 ? (
            <Empty
              isSmall
              icon={<Activity size={26} />}
              title={t('home.canariesNone')}
              text={t('home.canariesNoneText')}
            />
          ) : (
            <Rows label={t('home.canaries')}>
              {canaries.map((canary) => {
                const [tone, word] = mark(canary);
                const { report } = canary;
                return (
                  <li key={`${report.instance}/${report.node}`}>
                    <Badge tone={tone} title={report.last_error}>
                      {word}
                    </Badge>
                    <span className={css.text}>{report.node}</span>
                    <span className={css.aside}>
                      {t('home.p99')} <Span ms={Math.round(Number(report.p99_us) / 1000)} />
                    </span>
                    <Time us={canary.reported_us} />
                  </li>
                );
              })}
            </Rows>
          )
        }
      </Await>
    </Card>
  );
}

/** What somebody marked in this browser. */
export function StarredCard() {
  const t = useT();
  const { stars } = useSettings();
  const link = (star: string) => {
    const [kind, name] = [star.slice(0, star.indexOf(':')), star.slice(star.indexOf(':') + 1)];
    return {
      name,
      to: kind === 'group' ? pathTo('/groups/:group', { group: name }) : pathTo('/topics/:name', { name }),
    };
  };
  if (stars.length === 0) return null;
  return (
    <Card title={t('home.starred')}>
      <ul className={css.stars} aria-label={t('home.starred')}>
        {stars.map(link).map(({ name, to }) => (
          <li key={to}>
            <Link to={to}>{name}</Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
