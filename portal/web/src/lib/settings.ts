/** What somebody chose in this browser, kept there. public/boot.js reads the same entry. */
import { makeStore, useStore } from './store';

export interface Settings {
  theme: 'system' | 'light' | 'dark';
  language: 'en' | 'zh';
  /** Between two refreshes; 0: paused. */
  refreshMs: number;
  clock: 'local' | 'utc';
  /** Columns that are shown or hidden against the table's own choice, by table and column. */
  columns: Record<string, Record<string, boolean>>;
  /** Names of topics and groups that somebody marked, as "topic:orders". */
  stars: string[];
}

const ENTRY = 'lanemq.settings';
export const REFRESH_CHOICES_MS = [0, 1_000, 5_000, 10_000, 30_000, 60_000];

function firstSettings(): Settings {
  const system = typeof navigator === 'undefined' ? '' : (navigator.language ?? '');
  const first: Settings = {
    theme: 'system',
    language: system.startsWith('zh') ? 'zh' : 'en',
    refreshMs: 5_000,
    clock: 'local',
    columns: {},
    stars: [],
  };
  try {
    return { ...first, ...(JSON.parse(localStorage.getItem(ENTRY) ?? '{}') as Partial<Settings>) };
  } catch {
    return first;
  }
}

const store = makeStore(firstSettings());

export const settings = () => store.get();

export function changeSettings(change: Partial<Settings>): void {
  store.set({ ...store.get(), ...change });
  try {
    localStorage.setItem(ENTRY, JSON.stringify(store.get()));
  } catch {
    // Forbidden or full: they hold until the page is left.
  }
  applySettings();
}

/** To the document: colours and language. */
export function applySettings(): void {
  const { theme, language } = store.get();
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
  root.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export const useSettings = () => useStore(store);
