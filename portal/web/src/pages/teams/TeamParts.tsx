/** What belongs to a team; each part is read by itself, so that one that fails leaves the others. */
import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { QuotaUse } from '@/pages/quotas/QuotaUse';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { ButtonLink } from '@/ui/Button';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { Time } from '@/ui/values';

import css from './teams.module.css';

/** What one sees of a list here; the link leads to all of it. */
const SHOWN = 50;

export function TeamQuotaCard({ team }: { team: string }) {
  const t = useT();
  const read = useRead(['quotas', 'one', team], (signal) =>
    take(http.GET('/quotas', { params: { query: { team } }, signal })),
  );
  return (
    <Card
      title={t('quotas.title')}
      actions={
        <ButtonLink isSmall to={`/quotas?q=${encodeURIComponent(team)}`}>
          {t('quotas.change')}
        </ButtonLink>
      }
    >
      <Await read={read}>{({ teams }) => teams[0] && <QuotaUse use={teams[0]} />}</Await>
    </Card>
  );
}

export function TeamServices({ team }: { team: string }) {
  const t = useT();
  const read = useRead(['services', 'of', team], (signal) =>
    take(http.GET('/services', { params: { query: { team, limit: SHOWN, sort: 'name' } }, signal })),
  );
  return (
    <Card title={t('tokens.services')} actions={<More to={`/services?team=${encodeURIComponent(team)}`} />}>
      <Await read={read}>
        {({ services }) => (
          <ul className={css.list}>
            {services.map((service) => (
              <li key={service.name}>
                <Link to={`/tokens?service=${encodeURIComponent(service.name)}`}>{service.name}</Link>
                {service.disabled && <Badge tone="warn">{t('tokens.disabled')}</Badge>}
                <span className={css.soft}>{service.description}</span>
              </li>
            ))}
            {services.length === 0 && <li className={css.soft}>{t('teams.noServices')}</li>}
          </ul>
        )}
      </Await>
    </Card>
  );
}

export function TeamOwns({ team }: { team: string }) {
  const t = useT();
  const read = useRead(['owners', 'of', team], (signal) =>
    take(http.GET('/owners', { params: { query: { team, limit: SHOWN, sort: 'name' } }, signal })),
  );
  return (
    <Card title={t('teams.owns')} actions={<More to={`/owners?team=${encodeURIComponent(team)}`} />}>
      <Await read={read}>
        {({ owners }) => (
          <ul className={css.list}>
            {owners.map(({ kind, name }) => (
              <li key={`${kind} ${name}`}>
                <span className={css.soft}>{kind === 'topic' ? t('grants.topic') : t('grants.group')}</span>
                <Link to={pathTo(kind === 'topic' ? '/topics/:name' : '/groups/:name', { name })}>{name}</Link>
              </li>
            ))}
            {owners.length === 0 && <li className={css.soft}>{t('teams.ownsNothing')}</li>}
          </ul>
        )}
      </Await>
    </Card>
  );
}

export function TeamGrants({ team }: { team: string }) {
  const t = useT();
  const principal = `team:${team}`;
  const read = useRead(['grants', 'of', principal], (signal) =>
    take(http.GET('/grants', { params: { query: { principal, limit: SHOWN, sort: 'name' } }, signal })),
  );
  return (
    <Card title={t('teams.mayUse')} actions={<More to={`/grants?principal=${encodeURIComponent(principal)}`} />}>
      <Await read={read}>
        {({ grants }) => (
          <ul className={css.list}>
            {grants.map((grant) => (
              <li key={grant.id}>
                <span className={css.soft}>{grant.kind === 'topic' ? t('grants.topic') : t('grants.group')}</span>
                <span>{grant.is_prefix ? `${grant.name}*` : grant.name}</span>
                <span className={css.soft}>{grant.actions.join(', ')}</span>
                {grant.expires_at_us && <Time us={grant.expires_at_us} />}
              </li>
            ))}
            {grants.length === 0 && <li className={css.soft}>{t('teams.noGrants')}</li>}
          </ul>
        )}
      </Await>
    </Card>
  );
}

function More({ to }: { to: string }) {
  const t = useT();
  return (
    <ButtonLink isSmall kind="quiet" to={to}>
      {t('teams.all')}
    </ButtonLink>
  );
}
