/** The command line of the cluster of run.py, for what only applications do: writing, reading, failing. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const program = () => process.env.LANEMQ_CLI as string;
const wordsOf = (words: string[]) => [`--bootstrap-server=${process.env.LANEMQ_BOOTSTRAP}`, ...words];
const environment = (token = process.env.LANEMQ_ADMIN_TOKEN as string) => ({ ...process.env, LANEMQ_TOKEN: token });

export const newFolder = () => mkdtempSync(join(tmpdir(), 'lanemq-e2e-'));

export const lanemq = (words: string[], input = '', token?: string) =>
  execFileSync(program(), wordsOf(words), { input, env: environment(token), encoding: 'utf8', stdio: 'pipe' });

/** What became of a command that may fail: its exit code. */
export const codeOf = (words: string[], token: string) =>
  spawnSync(program(), wordsOf(words), { input: '', env: environment(token) }).status;

/** A line for a shell, as a page shows it, in a folder with the token's file; without anything of our own environment. */
export const runSnippet = (line: string, folder: string) =>
  execFileSync('/bin/sh', ['-c', line], {
    cwd: folder,
    env: { PATH: `${dirname(program())}:/usr/bin:/bin`, HOME: folder },
    encoding: 'utf8',
    stdio: 'pipe',
  });

/** A consumer that runs until the test is over; `script` is called for each message, its body on stdin. */
export function consumer(topic: string, group: string, script: string): ChildProcess {
  const file = join(newFolder(), 'handler.sh');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  const words = ['consume', topic, '--group', group, '--exec', file];
  return spawn(program(), wordsOf(words), { env: environment(), stdio: 'ignore' });
}
