import { Suspense, useEffect, useState } from 'react';

import { type Session, useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { matchPath, usePlace } from '@/lib/location';
import { ChangePasswordPage } from '@/pages/signin/ChangePasswordPage';
import SignInPage from '@/pages/signin/SignInPage';
import { Skeleton } from '@/ui/Await';
import { ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Toasts } from '@/ui/Toasts';

import { ErrorBoundary } from './ErrorBoundary';
import { routes } from './routes';
import { Shell } from './Shell';

/** The sign-in, or the page that the URL names in the shell. Signing in leads to where one was going. */
export function App() {
  const session = useSession();
  const [wasIn, setWasIn] = useState(false);
  useEffect(() => {
    if (session.data) setWasIn(true);
  }, [session.data]);
  if (session.data === undefined) {
    if (!session.error) return <Skeleton rows={4} />;
    return <ErrorBox error={session.error} onRetry={() => void session.refetch()} />;
  }
  return (
    <>
      {!session.data && <SignInPage hasEnded={wasIn} />}
      {session.data?.must_change_password && <ChangePasswordPage session={session.data} />}
      {session.data && !session.data.must_change_password && <Inside session={session.data} />}
      <Toasts />
    </>
  );
}

function Inside({ session }: { session: Session }) {
  const { path } = usePlace();
  return (
    <Shell session={session}>
      {/* Another page begins anew after a fault of this one. */}
      <ErrorBoundary key={path}>
        <Suspense fallback={<Skeleton rows={6} />}>
          <Current path={path} />
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}

function Current({ path }: { path: string }) {
  for (const { path: pattern, page: Page } of routes) {
    const params = matchPath(pattern, path);
    if (params) return <Page params={params} />;
  }
  return <NotFound />;
}

function NotFound() {
  const t = useT();
  return (
    <Empty title={t('common.notFound')} text={t('common.notFoundWhy')}>
      <ButtonLink to="/">{t('common.goHome')}</ButtonLink>
    </Empty>
  );
}
