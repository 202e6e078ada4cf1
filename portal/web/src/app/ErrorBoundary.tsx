import { Component, type ReactNode } from 'react';

import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';

/** A page that throws leaves the rest of the portal as it is. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? <Broken error={error} /> : this.props.children;
  }
}

// A page's code that is not there any more: the portal was updated while this window was open.
const isGone = (error: Error) => /dynamically imported module|module script|preload/i.test(error.message);

function Broken({ error }: { error: Error }) {
  const t = useT();
  const isOld = isGone(error);
  return (
    <Empty
      title={isOld ? t('common.newVersion') : t('common.crashed')}
      text={isOld ? undefined : t('common.crashedWhy')}
    >
      <Button kind="primary" onClick={() => window.location.reload()}>
        {t('common.reload')}
      </Button>
      {!isOld && <CopyButton text={error.stack ?? String(error)} label={t('common.copyDetails')} />}
    </Empty>
  );
}
