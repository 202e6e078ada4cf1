import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useSigning } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { duration } from '@/lib/format';
import type { ApiError } from '@/api/problem';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { ErrorBox } from '@/ui/ErrorBox';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { Frame } from './Frame';
import css from './Frame.module.css';

const OIDC_START = '/api/v1/auth/oidc/start';

// Without a provider of identities the gateway has no such path.
async function hasProvider(signal: AbortSignal): Promise<boolean> {
  return (await fetch(OIDC_START, { method: 'OPTIONS', signal })).ok;
}

function errorFor(t: T, error: ApiError | null): Error | null {
  if (error?.status === 401) return new Error(t('signin.wrong'));
  if (error?.status === 429) {
    return new Error(t('signin.tooOften', { span: duration(error.retryAfterMs ?? 60_000) }));
  }
  return error;
}

/** In the place of every page until somebody has signed in; the URL stays. */
export default function SignInPage({ hasEnded }: { hasEnded: boolean }) {
  const t = useT();
  const { signIn, signInDemo } = useSigning();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isTried, setTried] = useState(false);
  const act = useAct({ act: () => signIn(name.trim(), password), toastErrors: false });
  const provider = useQuery({
    queryKey: ['oidc'],
    queryFn: ({ signal }) => hasProvider(signal),
    staleTime: Infinity,
    retry: false,
  });
  const demo = useQuery({
    queryKey: ['session-demo'],
    queryFn: ({ signal }) => take(http.GET('/session/demo', { signal })),
    staleTime: Infinity,
    retry: false,
  });
  const click = useAct({ act: () => signInDemo(), toastErrors: false });
  const send = () => {
    setTried(true);
    if (name.trim() !== '' && password !== '') act.mutate(undefined);
  };
  const missing = (value: string) => (isTried && value === '' ? t('common.required') : undefined);
  const here = window.location.pathname + window.location.search;
  return (
    <Frame title={t('common.product')} lead={t('signin.lead')}>
      {hasEnded && (
        <p role="status" className={css.note}>
          {t('signin.ended')}
        </p>
      )}
      {provider.data && (
        <>
          <a className={css.provider} href={`${OIDC_START}?return_to=${encodeURIComponent(here)}`}>
            {t('signin.withProvider')}
          </a>
          <p className={css.or}>{t('signin.or')}</p>
        </>
      )}
      {demo.data?.is_offered && (
        <>
          {click.error && <ErrorBox error={click.error} title={t('signin.demoFailed')} />}
          <Button kind="primary" isBusy={click.isPending} onClick={() => click.mutate(undefined)}>
            {t('signin.asDemo')}
          </Button>
          <p className={css.or}>{t('signin.or')}</p>
        </>
      )}
      <Form
        onSend={send}
        error={errorFor(t, act.error)}
        errorTitle={t('signin.title')}
        buttons={
          <Button type="submit" kind={demo.data?.is_offered ? 'normal' : 'primary'} isBusy={act.isPending}>
            {t('signin.submit')}
          </Button>
        }
      >
        <TextField
          label={t('signin.name')}
          value={name}
          onValue={setName}
          error={missing(name.trim())}
          autoComplete="username"
          autoFocus
        />
        <TextField
          label={t('signin.password')}
          type="password"
          value={password}
          onValue={setPassword}
          error={missing(password)}
          autoComplete="current-password"
        />
      </Form>
      <div className={css.forgot}>
        <p>{t('signin.forgot')}</p>
        <Command text={commandLine('person', 'password', name.trim() || 'NAME')} />
      </div>
    </Frame>
  );
}
