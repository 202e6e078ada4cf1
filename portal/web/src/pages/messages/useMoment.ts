import { useRead } from '@/api/read';

import { readMarks } from '../topics/topicData';

import type { Positions, Range } from './browse';

/** Where each partition was at a moment (microseconds): the first message at or after it. */
export const useMoment = (topic: string, moment: string | null, ranges: readonly Range[] | null) =>
  useRead<Positions>(
    ['topics', topic, 'by-time', moment, ranges?.map((one) => one.partition).join()],
    async (signal) => {
      const partitions = (ranges ?? []).map((one) => one.partition);
      const told = (await readMarks(topic, partitions, [moment as string], signal)).get(moment as string);
      return new Map(
        [...(told ?? [])].flatMap(([partition, one]) => (one.offset ? [[partition, BigInt(one.offset)]] : [])),
      );
    },
    { enabled: moment !== null && ranges !== null && ranges.length > 0, refresh: false },
  );
