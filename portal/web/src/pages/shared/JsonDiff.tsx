import { useState } from 'react';

import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { Bytes, Span, Time } from '@/ui/values';

import css from './JsonDiff.module.css';
import { type Difference, diffOf, textOf, unitOf } from './jsonDiff';

const marks = { added: '+', removed: '−', changed: '~', same: '' };

/** Two values side by side, what differs first of all. Either may be absent: all new, or all gone. */
export function JsonDiff({ before, after, caption }: { before: unknown; after: unknown; caption: string }) {
  const t = useT();
  const [isAll, setAll] = useState(false);
  const all = diffOf(before, after);
  const changed = all.filter((difference) => difference.sign !== 'same');
  const shown = isAll ? all : changed;
  const hasBefore = before !== undefined && before !== null;
  const hasAfter = after !== undefined && after !== null;
  return (
    <div className={css.root}>
      {shown.length === 0 ? (
        <p className={css.note}>{t('shared.noDifference')}</p>
      ) : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={caption}>
          <table>
            <caption className="visually-hidden">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">
                  <span className="visually-hidden">{t('shared.sign')}</span>
                </th>
                <th scope="col">{t('shared.field')}</th>
                {hasBefore && <th scope="col">{hasAfter ? t('shared.before') : t('shared.was')}</th>}
                {hasAfter && <th scope="col">{hasBefore ? t('shared.after') : t('shared.value')}</th>}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Row key={one.path} one={one} hasBefore={hasBefore} hasAfter={hasAfter} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {all.length > changed.length && (
        <Button isSmall kind="quiet" onClick={() => setAll(!isAll)}>
          {isAll ? t('shared.changedOnly') : t('shared.showSame', { n: all.length - changed.length })}
        </Button>
      )}
    </div>
  );
}

function Row({ one, hasBefore, hasAfter }: { one: Difference; hasBefore: boolean; hasAfter: boolean }) {
  const t = useT();
  return (
    <tr className={css[one.sign]}>
      <td className={css.mark} title={t(`shared.${one.sign}`)}>
        <span aria-hidden="true">{marks[one.sign]}</span>
        <span className="visually-hidden">{t(`shared.${one.sign}`)}</span>
      </td>
      <th scope="row">
        <code>{one.path}</code>
      </th>
      {hasBefore && (
        <td className={css.before}>
          <Value path={one.path} value={one.before} />
        </td>
      )}
      {hasAfter && (
        <td className={css.after}>
          <Value path={one.path} value={one.after} />
        </td>
      )}
    </tr>
  );
}

/** A value as people read it, with what stands in the document beside it. */
function Value({ path, value }: { path: string; value: unknown }) {
  const text = textOf(value);
  if (text === '') return <span className={css.none}>–</span>;
  const unit = unitOf(path, value);
  if (unit === 'time') return <Time us={text} isAbsolute />;
  if (unit === 'span') return <Readable shown={<Span ms={text} />} text={text} />;
  if (unit === 'bytes') return <Readable shown={<Bytes value={text} />} text={text} />;
  return <code>{text}</code>;
}

function Readable({ shown, text }: { shown: React.ReactNode; text: string }) {
  return (
    <>
      {shown} <code className={css.none}>{text}</code>
    </>
  );
}
