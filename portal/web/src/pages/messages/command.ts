/** The same messages on the command line. */
import { commandLine } from '@/lib/clipboard';

import type { Positions } from './browse';
import type { BrowseState } from './browseState';

/** What `lanemq consume` takes for the place that is shown. Where partitions begin at different offsets, one command each. */
export function consumeCommand(topic: string, state: BrowseState, from: Positions, count: number): string {
  const many = from.size * count;
  const partition = state.partition === '' ? [] : ['-p', state.partition];
  const all = (offset: string) => commandLine('consume', topic, ...partition, '-o', offset, '-n', many, '-e');
  if (state.page === '') {
    if (state.from === 'oldest') return all('start');
    if (state.from === 'newest') return all(`-${count}`);
    if (state.from === 'time' && state.time !== '')
      return all(`@${new Date(state.time).toISOString().replace('.000Z', 'Z')}`);
  }
  return [...from]
    .map(([one, offset]) => commandLine('consume', topic, '-p', one, '-o', offset.toString(), '-n', count, '-e'))
    .join('; ');
}
