/** What stands in the form of a topic's settings, and what it comes to. */
import { type Change, changesOf, type TopicEdit } from './changes';
import { parseSetting, type Setting, SETTINGS, settingText } from './settings';
import type { Topic } from './topicRow';

export interface Draft {
  description: string;
  /** As typed; empty: as the cluster has it. */
  settings: Record<string, string>;
  partitions: string;
}

export function draftOf(topic: Topic, forEver: string): Draft {
  const settings = Object.fromEntries(
    SETTINGS.map((setting) => {
      const value = topic.config?.[setting.name];
      return [setting.name, value === undefined ? '' : settingText(setting, value, forEver)];
    }),
  );
  return { description: topic.description ?? '', settings, partitions: String(topic.partitions.length) };
}

export type Faults = Partial<Record<Setting['name'] | 'partitions', true>>;

export function faultsOf(topic: Topic, draft: Draft): Faults {
  const faults: Faults = {};
  for (const setting of SETTINGS) {
    const text = draft.settings[setting.name] ?? '';
    if (text !== '' && parseSetting(setting, text) === null) faults[setting.name] = true;
  }
  const partitions = /^\d{1,4}$/.test(draft.partitions) ? Number(draft.partitions) : 0;
  if (partitions < topic.partitions.length || partitions > 1_000) faults.partitions = true;
  return faults;
}

/** Nothing while something is wrong. */
export function draftChanges(topic: Topic, draft: Draft): Change[] {
  if (Object.keys(faultsOf(topic, draft)).length > 0) return [];
  const config: TopicEdit['config'] = {};
  for (const setting of SETTINGS) {
    const text = draft.settings[setting.name] ?? '';
    config[setting.name] = text === '' ? undefined : (parseSetting(setting, text) ?? undefined);
  }
  return changesOf(topic, { description: draft.description, config, partitions: Number(draft.partitions) });
}
