import { useEffect, useMemo, useState } from 'react';

import { useT } from '@/i18n/translate';
import { bytes as bytesText } from '@/lib/format';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/CopyButton';

import css from './Messages.module.css';
import { bytesOf, type Compression, compressionOf, hexOf, isReadable, type Payload, unpack } from './payload';
import { type View, VIEWS, viewsOf } from './views';

/** A key or a body, as JSON, as text or in hex, unpacked when it is compressed with what browsers know. */
export function PayloadView({ title, payload, isMain = false }: { title: string; payload: Payload; isMain?: boolean }) {
  const t = useT();
  const raw = useMemo(() => bytesOf(payload), [payload]);
  const { unpacked, compression, isBroken } = useUnpacked(raw);
  const [isPacked, setPacked] = useState(false);
  const shown = unpacked && !isPacked ? unpacked : raw;
  const views = useMemo(() => viewsOf(shown), [shown]);
  const [wish, setWish] = useState<View | null>(null);
  const view = wish && (wish === 'hex' || views[wish] !== null) ? wish : views.first;
  const names: Record<View, string> = { json: t('messages.json'), text: t('messages.text'), hex: t('messages.hex') };
  if (payload === null || raw.length === 0) {
    return (
      <div className={css.part}>
        <Head title={title} />
        <span className={css.none}>{payload === null ? t('messages.null') : t('messages.empty')}</span>
      </div>
    );
  }
  const text = view === 'hex' ? hexOf(shown) : (views[view] ?? '');
  return (
    <div className={css.part}>
      <Head title={title}>
        <span className={css.none}>{bytesText(raw.length)}</span>
        {compression && (
          <Badge tone={isBroken ? 'warn' : 'info'}>
            {isBroken
              ? t('messages.brokenPacked', { how: compression })
              : t(unpacked ? 'messages.unpacked' : 'messages.packed', {
                  how: compression,
                  size: bytesText(unpacked?.length ?? raw.length),
                })}
          </Badge>
        )}
        <span className={css.grow} />
        {unpacked && (
          <Button isSmall kind="quiet" onClick={() => setPacked(!isPacked)}>
            {isPacked ? t('messages.showUnpacked') : t('messages.showPacked')}
          </Button>
        )}
        {(isMain || views.json !== null) &&
          VIEWS.map((one) => (
            <Button
              key={one}
              isSmall
              kind={view === one ? 'normal' : 'quiet'}
              aria-pressed={view === one}
              disabled={one !== 'hex' && views[one] === null}
              onClick={() => setWish(one)}
            >
              {names[one]}
            </Button>
          ))}
        <CopyButton text={view === 'hex' ? hexOf(shown) : (views.text ?? text)} />
      </Head>
      <pre className={`${css.payload} ${view === 'hex' ? css.hex : ''}`} tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </div>
  );
}

function Head({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <div className={css.partHead}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

function useUnpacked(raw: Uint8Array) {
  const compression = useMemo<Compression | null>(() => compressionOf(raw), [raw]);
  const [unpacked, setUnpacked] = useState<Uint8Array | null>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    let isWanted = true;
    setUnpacked(null);
    setBroken(false);
    if (compression === null || !isReadable(compression)) return undefined;
    unpack(raw, compression as 'gzip' | 'zlib').then(
      (bytes) => isWanted && setUnpacked(bytes),
      () => isWanted && setBroken(true),
    );
    return () => {
      isWanted = false;
    };
  }, [raw, compression]);
  return { compression, unpacked, isBroken };
}
