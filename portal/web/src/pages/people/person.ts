/** Accounts of people: what state one is in, and passwords that are made up. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';
import type { Key } from '@/i18n/translate';
import type { Tone } from '@/ui/Badge';

export type Person = Schemas['Person'];

export const ROLES = ['viewer', 'operator', 'admin'] as const;

export const roleOf = (person: Person): string => person.role ?? 'viewer';

/** What keeps somebody out, the strongest first; null: nothing does. `nowMs`: of this browser. */
export function stateOf(person: Person, nowMs: number): { tone: Tone; text: Key } | null {
  if (person.disabled) return { tone: 'bad', text: 'people.disabled' };
  const locked = toBig(person.locked_until_us);
  if (locked !== null && locked > BigInt(nowMs) * 1_000n) return { tone: 'warn', text: 'people.locked' };
  if (person.must_change_password) return { tone: 'info', text: 'people.mustChange' };
  return null;
}

/** What is sent of a person: what the server tells alone is left out. */
export function toSend(person: Person): Person {
  const { name, display_name, email, role, disabled, oidc_subject } = person;
  return {
    name,
    role: role ?? 'viewer',
    ...(display_name && { display_name }),
    ...(email && { email }),
    ...(disabled && { disabled }),
    ...(oidc_subject && { oidc_subject }),
  };
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 5;
const GROUP_LETTERS = 5;

/** Letters that are not taken for each other, in groups, to be read aloud: 140 bits. */
export function makePassword(
  random: (bytes: Uint8Array) => Uint8Array = (bytes) => crypto.getRandomValues(bytes),
): string {
  const letters: string[] = [];
  while (letters.length < GROUPS * GROUP_LETTERS) {
    for (const byte of random(new Uint8Array(64))) {
      // What would make some letters likelier than others is thrown away.
      if (byte < LETTERS.length * Math.floor(256 / LETTERS.length))
        letters.push(LETTERS[byte % LETTERS.length] as string);
    }
  }
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    letters.slice(i * GROUP_LETTERS, (i + 1) * GROUP_LETTERS).join(''),
  );
  return groups.join('-');
}

export const PASSWORD_BYTES_MIN = 12;
export const PASSWORD_BYTES_MAX = 256;

/** What is wrong with a new password as far as that can be told here; null: nothing. */
export function faultOf(password: string, repeated: string): Key | null {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < PASSWORD_BYTES_MIN || bytes > PASSWORD_BYTES_MAX) return 'people.passwordRule';
  return password === repeated ? null : 'people.notTheSame';
}
