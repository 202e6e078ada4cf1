/** Short notes about what was just done. What must be read stays on its page instead. */
import type { ApiError } from '@/api/problem';
import { makeStore } from '@/lib/store';

export interface Toast {
  id: number;
  tone: 'good' | 'bad' | 'info';
  text: string;
  /** "Undo", say. */
  action?: { label: string; act: () => void };
  error?: ApiError;
}

const SHOWN_MS = 6_000;
/** Time to read it, to decide, and to get there without a mouse. */
const WITH_ACTION_MS = 20_000;
const TOASTS_MAX = 4;

export const toasts = makeStore<Toast[]>([]);
let last = 0;

export function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

function show(toast: Omit<Toast, 'id'>): void {
  const id = ++last;
  toasts.set([...toasts.get(), { ...toast, id }].slice(-TOASTS_MAX));
  // Errors stay until somebody has read them.
  if (toast.tone !== 'bad') setTimeout(() => dismiss(id), toast.action ? WITH_ACTION_MS : SHOWN_MS);
}

export const toast = {
  show,
  error: (error: ApiError) => show({ tone: 'bad', text: error.message, error }),
};
