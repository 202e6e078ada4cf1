/** What the three ways of looking at messages are given. */
import type { Going } from '@/lib/location';

import type { Access } from '../topics/topicData';
import type { Topic } from '../topics/topicRow';

import type { Range } from './browse';
import type { BrowseState } from './browseState';
import type { Reader } from './reader';

export interface ViewProps {
  topic: Topic;
  access: Access;
  state: BrowseState;
  change: (values: Partial<BrowseState>, going?: Going) => void;
  /** Of the partitions that are looked at; null: not read yet. */
  ranges: Range[] | null;
  read: Reader;
  /** Messages can be read one by one alone. */
  isSingle: boolean;
}
