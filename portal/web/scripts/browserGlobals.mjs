// What browsers have and Node 18 has only behind a flag, for tests of what is pure.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
