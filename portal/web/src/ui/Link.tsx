import type { AnchorHTMLAttributes, MouseEvent } from 'react';

import { type Going, navigate } from '@/lib/location';

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement>, Going {
  /** A path of these pages. */
  to: string;
}

/** Goes to another page without a reload; a click with Ctrl, or in the middle, is the browser's own. */
export function Link({ to, replace, state, onClick, ...rest }: LinkProps) {
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isOwn = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isOwn || rest.target) return;
    event.preventDefault();
    navigate(to, { replace, state });
  };
  return <a href={to} onClick={go} {...rest} />;
}
