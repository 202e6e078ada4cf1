import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { Pause, RefreshCw } from 'lucide-react';
import { useLayoutEffect } from 'react';

import { useT } from '@/i18n/translate';
import { duration } from '@/lib/format';
import { changeSettings, REFRESH_CHOICES_MS, useSettings } from '@/lib/settings';
import { IconButton } from '@/ui/Button';
import { Menu } from '@/ui/Menu';

import css from './RefreshControl.module.css';

/** The one control of how often everything is read again. Nothing is read while the window is hidden. */
export function RefreshControl() {
  const t = useT();
  const client = useQueryClient();
  const { refreshMs } = useSettings();
  const isReading = useIsFetching() > 0;
  useLayoutEffect(() => {
    const defaults = client.getDefaultOptions();
    // Reads in the background are the library's to leave out: refetchIntervalInBackground is false.
    client.setDefaultOptions({ ...defaults, queries: { ...defaults.queries, refetchInterval: refreshMs || false } });
  }, [client, refreshMs]);
  const label = (ms: number) => (ms === 0 ? t('shell.refreshPaused') : t('shell.refreshEvery', { span: duration(ms) }));
  return (
    <div className={css.control}>
      <IconButton
        label={t('shell.refreshNow')}
        icon={<RefreshCw size={16} className={isReading ? css.reading : undefined} />}
        onClick={() => void client.refetchQueries({ type: 'active' })}
      />
      <Menu
        label={`${t('shell.refresh')}: ${label(refreshMs)}`}
        className={css.interval}
        button={refreshMs === 0 ? <Pause size={14} /> : duration(refreshMs)}
        sections={[
          {
            title: t('shell.refreshHint'),
            items: REFRESH_CHOICES_MS.map((ms) => ({
              label: label(ms),
              isChosen: ms === refreshMs,
              act: () => changeSettings({ refreshMs: ms }),
            })),
          },
        ]}
      />
    </div>
  );
}
