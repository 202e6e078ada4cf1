import { Ellipsis, FileCode, Terminal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';

import { useT } from '@/i18n/translate';
import { copyText } from '@/lib/clipboard';

import { Menu } from './Menu';
import css from './Page.module.css';
import { toast } from './toast';
import { YamlDialog } from './YamlDialog';

interface PageProps {
  title: string;
  /** One sentence: what is here. */
  lead?: ReactNode;
  /** Beside the title: badges. */
  marks?: ReactNode;
  /** At the right: buttons, the most important last. */
  actions?: ReactNode;
  /** Above the title: where this is ("Topics"). */
  above?: ReactNode;
  /** What shows the same on the command line, to copy. */
  command?: string;
  /** What the page is about, to look at as YAML. */
  yaml?: unknown;
  children: ReactNode;
}

/** The frame of every page; its title is the window's too. */
export function Page({ title, lead, marks, actions, above, command, yaml, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · LaneMQ`;
  }, [title]);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <div className={css.names}>
          {above && <div className={css.above}>{above}</div>}
          <div className={css.line}>
            <h1>{title}</h1>
            {marks}
          </div>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        <div className={css.actions}>
          {actions}
          <Same title={title} command={command} yaml={yaml} />
        </div>
      </header>
      {children}
    </div>
  );
}

/** The same as this page, elsewhere. */
function Same({ title, command, yaml }: Pick<PageProps, 'title' | 'command' | 'yaml'>) {
  const t = useT();
  const [isYaml, setYaml] = useState(false);
  if (command === undefined && yaml === undefined) return null;
  const items = [
    ...(command === undefined
      ? []
      : [
          {
            label: t('common.copyCommand'),
            icon: <Terminal size={15} />,
            act: () => void copyText(command).then(() => toast.show({ tone: 'good', text: command })),
          },
        ]),
    ...(yaml === undefined
      ? []
      : [{ label: t('common.showYaml'), icon: <FileCode size={15} />, act: () => setYaml(true) }]),
  ];
  return (
    <>
      <Menu label={t('common.more')} button={<Ellipsis size={17} />} sections={[{ items }]} />
      {isYaml && <YamlDialog title={title} value={yaml} onClose={() => setYaml(false)} />}
    </>
  );
}

/** A part of a page on a surface of its own. */
export function Card({
  title,
  actions,
  children,
  isFlush = false,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without padding: a table reaches the edges. */
  isFlush?: boolean;
}) {
  return (
    <section className={css.card}>
      {title && (
        <div className={css.cardHead}>
          <h2>{title}</h2>
          {actions && <div className={css.actions}>{actions}</div>}
        </div>
      )}
      <div className={isFlush ? undefined : css.cardBody}>{children}</div>
    </section>
  );
}

/** Cards side by side where there is room. */
export function Cards({ children }: { children: ReactNode }) {
  return <div className={css.cards}>{children}</div>;
}

/** Names and values of one thing. Values that are absent are left out. */
export function Facts({ of }: { of: [name: string, value: ReactNode][] }) {
  const shown = of.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return (
    <dl className={css.facts}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
