/** The command line of the cluster of run.py, for what only applications do: writing, reading, failing. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = () => process.env.LANEMQ_CLI as string;
const wordsOf = (words: string[]) => [`--bootstrap-server=${process.env.LANEMQ_BOOTSTRAP}`, ...words];
const environment = () => ({ ...process.env, LANEMQ_TOKEN: process.env.LANEMQ_ADMIN_TOKEN as string });

export const lanemq = (words: string[], input = '') =>
  execFileSync(program(), wordsOf(words), { input, env: environment(), encoding: 'utf8' });

/** A consumer that runs until the test is over; `script` is called for each message, its body on stdin. */
export function consumer(topic: string, group: string, script: string): ChildProcess {
  const file = join(mkdtempSync(join(tmpdir(), 'lanemq-e2e-')), 'handler.sh');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  const words = ['consume', topic, '--group', group, '--exec', file];
  return spawn(program(), wordsOf(words), { env: environment(), stdio: 'ignore' });
}
