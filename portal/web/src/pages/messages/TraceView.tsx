import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Link } from '@/ui/Link';
import { Time } from '@/ui/values';

import { idOf, type MessageId } from './message';
import css from './Messages.module.css';
import {
  byUrgency,
  failureOf,
  groupPlace,
  type GroupTrace,
  groupWords,
  type Happening,
  happeningsOf,
  letterPath,
  logWords,
  placeOf,
  type Trace,
} from './trace';

const GROUPS_SHOWN = 20;

/** Where a message is now, and what became of it in each group; without its contents. `key` it by the message. */
export function TraceView({ topic, id }: { topic: string; id: MessageId }) {
  const t = useT();
  const { partition, offset } = id;
  const read = useRead(['message', topic, 'trace', partition, offset.toString()], (signal) => {
    const path = { topic, partition, offset: offset.toString() };
    return take(
      http.GET('/topics/{topic}/partitions/{partition}/messages/{offset}/trace', { params: { path }, signal }),
    );
  });
  return (
    <section className={css.part} aria-label={t('trace.title')}>
      <h3 className={css.title}>{t('trace.title')}</h3>
      <Await read={read}>{(trace) => <Told trace={trace} topic={topic} id={id} />}</Await>
      <Command text={commandLine('message', 'trace', topic, partition, offset.toString())} />
    </section>
  );
}

function Told({ trace, topic, id }: { trace: Trace; topic: string; id: MessageId }) {
  const t = useT();
  const [tone, word] = placeOf(trace.place) ?? ['quiet' as const, null];
  const log = logWords(trace, id.offset);
  const happened = happeningsOf(trace);
  return (
    <>
      <p>
        <Badge tone={tone}>{word ? t(word) : trace.place}</Badge> {t(log.text, log.values)}
      </p>
      <Groups trace={trace} message={`${topic}/${idOf(id)}`} />
      {happened.length > 0 && (
        <>
          <h3 className={css.title}>{t('trace.happened')}</h3>
          <ol className={css.course} aria-label={t('trace.happened')}>
            {happened.map((one, i) => (
              <Happened key={i} of={one} />
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function Groups({ trace, message }: { trace: Trace; message: string }) {
  const t = useT();
  const [isAll, setAll] = useState(false);
  const groups = byUrgency(trace.groups);
  const shown = isAll ? groups : groups.slice(0, GROUPS_SHOWN);
  return (
    <>
      {groups.length === 0 && <p className={css.none}>{t('trace.noGroups')}</p>}
      {groups.length > 0 && (
        <ul className={css.course} aria-label={t('trace.groups')}>
          {shown.map((group) => (
            <GroupNow key={group.group} group={group} message={message} />
          ))}
        </ul>
      )}
      {shown.length < groups.length && (
        <div className={css.buttons}>
          <Button isSmall onClick={() => setAll(true)}>
            {t('trace.showAll', { n: groups.length })}
          </Button>
        </div>
      )}
      {trace.groups_hidden > 0 && <p className={css.none}>{t('trace.groupsHidden', { n: trace.groups_hidden })}</p>}
      {trace.has_more_groups && <p className={css.none}>{t('trace.moreGroups')}</p>}
    </>
  );
}

function GroupNow({ group, message }: { group: GroupTrace; message: string }) {
  const t = useT();
  const [tone, word] = groupPlace(group) ?? ['quiet' as const, null];
  const now = groupWords(group);
  const letter = letterPath(group, message);
  const failure = failureOf(group);
  const { retrying } = group;
  return (
    <li>
      <Badge tone={tone}>{word ? t(word) : group.place}</Badge>{' '}
      <Link to={pathTo('/groups/:group', { group: group.group })}>{group.group}</Link> {t(now.text, now.values)}
      {' · '}
      <span className={css.none}>
        <Time us={now.atUs} />
      </span>
      {retrying && !retrying.is_being_handled && (
        <>
          {' · '}
          {t('trace.nextAttempt')} <Time us={retrying.due_at_us} />
        </>
      )}
      {letter && (
        <>
          {' · '}
          <Link to={letter}>{t('trace.lookAtLetter')}</Link>
        </>
      )}
      {failure && <p className={css.failure}>{failure}</p>}
    </li>
  );
}

function Happened({ of }: { of: Happening }) {
  const t = useT();
  return (
    <li>
      <Badge tone={of.tone}>{t(of.text, of.values)}</Badge>{' '}
      {of.group && <Link to={pathTo('/groups/:group', { group: of.group })}>{of.group}</Link>}{' '}
      {of.who && t('trace.by', { who: nameOf(of.who) })}{' '}
      {of.redrive && (
        <Link to={pathTo('/groups/:group/dead-letters', { group: of.group ?? '' })}>
          {t('trace.redrive', { id: of.redrive.id, state: of.redrive.state })}
        </Link>
      )}{' '}
      {of.isMaybe && <span className={css.none}>{t('trace.maybe')}</span>}
      <div className={css.none}>
        <Time us={of.atUs} isAbsolute />
        {of.why && ` · ${of.why}`}
      </div>
    </li>
  );
}
